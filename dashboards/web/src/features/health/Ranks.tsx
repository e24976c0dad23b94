import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { number, useFormat } from '@/text/format';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './Health.module.css';
import type { Health } from './queries';

const MOST_SHOWN = 10;

/** How alarms are spread over the priorities, with a mark where they are usually aimed to be. */
export function Priorities({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { targets } = health;
  const goals: Record<string, number> = {
    low: targets.low_share,
    medium: targets.medium_share,
    high: targets.high_share,
    critical: targets.high_share,
  };
  return (
    <>
      <ul className={styles.rank}>
        {health.priorities.map((one) => (
          <li key={one.severity}>
            <SeverityMark severity={one.severity} />
            <span>
              {one.count} · {number(one.share * 100, 0)} %
            </span>
            <div className={styles.track}>
              <div
                className={styles.fill}
                style={{ width: `${one.share * 100}%`, background: `var(--${one.severity})` }}
              />
              <div className={styles.mark} style={{ left: `${(goals[one.severity] ?? 0) * 100}%` }} />
            </div>
          </li>
        ))}
      </ul>
      <p className="quiet small">{t('health.mix')}</p>
    </>
  );
}

export function Frequent({ rows }: { rows: Health['frequent'] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  if (!rows.length) return <p className="quiet">{t('health.nothing')}</p>;
  const most = rows[0]?.count ?? 1;
  return (
    <ul className={styles.rank}>
      {rows.slice(0, MOST_SHOWN).map((row) => (
        <li key={`${row.rule.id}-${row.asset.id}`}>
          <Link className={styles.name} to={`/alarms?state=all&asset=${row.asset.id}`}>
            {label(row.asset.name)} · {label(row.rule.name)}
          </Link>
          <span>
            {row.count} · {number(row.share * 100, 0)} %
          </span>
          <div className={styles.track}>
            <div className={styles.fill} style={{ width: `${(row.count / most) * 100}%` }} />
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Floods({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  if (!health.floods.length) return <p className="quiet">{t('health.noFloods')}</p>;
  return (
    <ul className={styles.rank}>
      {health.floods.slice(0, MOST_SHOWN).map((flood) => (
        <li key={flood.at}>
          <span>{short(flood.at)}</span>
          <span>{t('health.flood', { count: flood.alarms, minutes: flood.minutes, peak: flood.peak })}</span>
        </li>
      ))}
    </ul>
  );
}

export function Stale({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const now = useNow();
  if (!health.stale.length) return <p className="quiet">{t('health.nothing')}</p>;
  return (
    <ul className={styles.rank}>
      {health.stale.slice(0, MOST_SHOWN).map((one) => (
        <li key={one.id}>
          <Link className={styles.name} to={`/alarms?alarm=${one.id}`}>
            {label(one.asset.name)} · {label(one.rule.name)}
          </Link>
          <span>{duration(now - Date.parse(one.raised_at))}</span>
        </li>
      ))}
    </ul>
  );
}
