import { useTranslation } from 'react-i18next';
import type { RoundDetail } from '@/nouns/patrol/queries';
import { number, useFormat } from '@/text/format';
import styles from './Patrol.module.css';
import { useItems } from './useItems';

/** What was typed, what the sensor said at that minute, and the difference between them. */
export function Gauges({ round }: { round: RoundDetail }) {
  const { t } = useTranslation();
  const { clock } = useFormat();
  const itemOf = useItems(round);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th>{t('patrol.round.item')}</th>
          <th>{t('patrol.round.read')}</th>
          <th>{t('patrol.round.sensor')}</th>
          <th>{t('patrol.round.difference')}</th>
        </tr>
      </thead>
      <tbody>
        {round.gauges.map((gauge) => {
          const item = itemOf(gauge.event_id, gauge.item);
          const decimals = item?.type === 'number' ? (item.decimals ?? 0) : 2;
          const said = (value: number) => `${number(value, decimals)} ${gauge.unit ?? ''}`.trim();
          const apart = gauge.live_value === null ? null : gauge.value - gauge.live_value;
          const isFar = apart !== null && gauge.tolerance !== null && Math.abs(apart) > gauge.tolerance;
          return (
            <tr key={gauge.id}>
              <td>
                {item?.name ?? gauge.item}
                <div className="quiet small">{clock(gauge.at)}</div>
              </td>
              <td className="nowrap">{said(gauge.value)}</td>
              <td className="nowrap">
                {gauge.live_value === null ? t('patrol.round.noSensor') : said(gauge.live_value)}
              </td>
              <td>
                {apart === null ? '–' : said(apart)}
                {isFar && (
                  <strong className={`${styles.strength} ${styles.weak}`}>
                    {t('patrol.round.tooFar', { limit: said(gauge.tolerance ?? 0) })}
                  </strong>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
