import { useTranslation } from 'react-i18next';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { isNumeric } from '@/nouns/points/reading';
import { Panel } from '@/ui/Panel';
import { defaultPoints } from './history/defaultPoints';
import { MOST_POINTS, useChosenPoints } from './history/useChosenPoints';
import styles from './PointList.module.css';
import { PointRow } from './PointRow';
import { usePointAlarms } from './pointAlarms';

/** Components of a fire panel come by the dozen; the drawing shows them, the list only on request. */
function isComponent(point: Point): boolean {
  return point.quantity === 'component_status';
}

function groupsOf(points: Point[]) {
  const plain = points.filter((point) => !isComponent(point));
  return {
    measured: plain.filter((point) => isNumeric(point) && point.kind === 'analog'),
    states: plain.filter((point) => !isNumeric(point)),
    counters: plain.filter((point) => point.kind === 'counter'),
    components: points.filter(isComponent),
  };
}

/** Every point with value, unit, age, band and last hour; a tick puts it on the chart. */
export function PointList({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const chosen = useChosenPoints(asset);
  const alarmed = usePointAlarms();
  const shown = chosen.points.length ? chosen.points : defaultPoints(asset, alarmed);
  const groups = groupsOf(asset.points);
  const rows = (points: Point[]) =>
    points.map((point) => {
      const isShown = shown.includes(point);
      return (
        <PointRow
          key={point.id}
          point={point}
          isShown={isShown}
          isFixed={isShown ? shown.length === 1 : shown.length >= MOST_POINTS}
          onToggle={() => chosen.toggle(point, shown)}
        />
      );
    });
  return (
    <Panel title={t('asset.values')} isFlush>
      {(['measured', 'states', 'counters'] as const).map(
        (name) =>
          groups[name].length > 0 && (
            <section key={name}>
              <h3 className={styles.group}>{t(`asset.group.${name}`)}</h3>
              <ul>{rows(groups[name])}</ul>
            </section>
          ),
      )}
      {groups.components.length > 0 && (
        <details>
          <summary className={styles.group}>
            {t('asset.group.components')} ({groups.components.length})
          </summary>
          <ul>{rows(groups.components)}</ul>
        </details>
      )}
    </Panel>
  );
}
