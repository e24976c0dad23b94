import { useTranslation } from 'react-i18next';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Icon } from '@/ui/icons';
import styles from './HistoryPanel.module.css';
import { MOST_POINTS } from './useChosenPoints';

interface Props {
  asset: AssetDetail;
  shown: Point[];
  onToggle: (point: Point, shown: Point[]) => void;
}

/** Which points are drawn; up to five under one crosshair. */
export function PointPicker({ asset, shown, onToggle }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const rest = asset.points.filter((point) => !shown.includes(point));
  const options = [
    { value: '', label: t('chart.addPoint') },
    ...rest.map((point) => ({ value: String(point.id), label: label(point.name) })),
  ];
  const add = (id: string) => {
    const point = rest.find((candidate) => String(candidate.id) === id);
    if (point) onToggle(point, shown);
  };
  return (
    <div className={styles.chips}>
      {shown.map((point) => (
        <span key={point.id} className={styles.chip}>
          {label(point.name)}
          <button
            type="button"
            onClick={() => onToggle(point, shown)}
            disabled={shown.length === 1}
            aria-label={t('chart.removePoint', { point: label(point.name) })}
          >
            <Icon name="close" size={14} />
          </button>
        </span>
      ))}
      {shown.length < MOST_POINTS && (
        <Choice label={t('chart.addPoint')} isCompact value="" options={options} onPick={add} />
      )}
    </div>
  );
}
