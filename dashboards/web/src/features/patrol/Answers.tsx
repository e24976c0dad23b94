import { useTranslation } from 'react-i18next';
import type { Checkpoint, RoundDetail } from '@/nouns/patrol/queries';
import { number, useFormat } from '@/text/format';
import styles from './Patrol.module.css';
import { PhotoList } from './PhotoList';
import { type NamedItem, useItems } from './useItems';

interface Props {
  round: RoundDetail;
  places: Map<number, Checkpoint>;
}

/** What was filled in at each checkpoint. */
export function Answers({ round, places }: Props) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const itemOf = useItems(round);
  return (
    <ul className={styles.lines}>
      {round.answers.map((filled) => {
        const place = places.get(filled.checkpoint_id ?? 0);
        const wrong = new Set(filled.problems.map((problem) => String(problem.item ?? problem.key ?? '')));
        return (
          <li key={filled.event_id}>
            <strong>
              {place ? label(place.name) : ''} · {clock(filled.at)}
            </strong>
            <dl className={styles.facts}>
              {Object.entries(filled.answers).map(([key, value]) => {
                const item = itemOf(filled.event_id, key.replace(/\.photos$/, ''));
                const name = item?.name ?? key;
                return (
                  <div key={key}>
                    <dt>{key.endsWith('.photos') ? t('patrol.round.photosOf', { item: name }) : name}</dt>
                    <dd>
                      <Value value={value} item={item} />
                      {wrong.has(key) && (
                        <strong className={`${styles.strength} ${styles.weak}`}>
                          {t('patrol.round.problem')}
                        </strong>
                      )}
                    </dd>
                  </div>
                );
              })}
            </dl>
          </li>
        );
      })}
    </ul>
  );
}

function Value({ value, item }: { value: unknown; item: NamedItem | undefined }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  if (Array.isArray(value)) return <PhotoList ids={value.map(String)} />;
  if (typeof value === 'boolean') return t(value ? 'patrol.round.yes' : 'patrol.round.no');
  if (typeof value === 'number' && item?.type === 'number') {
    const decimals = item.decimals ?? 0;
    const unit = 'unit' in item && typeof item.unit === 'string' ? item.unit : '';
    return `${number(value / 10 ** decimals, decimals)} ${unit}`.trim();
  }
  if (item?.type === 'check' && (value === 'pass' || value === 'fail' || value === 'na'))
    return t(`patrol.round.check.${value}`);
  if (item?.type === 'choice' && 'options' in item && Array.isArray(item.options)) {
    const option = item.options.find((one) => one.key === value);
    if (option) return label(option.name);
  }
  if (item?.type === 'signature' && typeof value === 'string') return <PhotoList ids={[value]} />;
  return String(value);
}
