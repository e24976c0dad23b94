import { useTranslation } from 'react-i18next';
import { type Plan, useCheckpoints, usePlans } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { useIsPhone } from '@/ui/screen';
import type { Span } from './months';
import { useVisits, type Visits } from './queries';
import styles from './Reports.module.css';

interface Spot extends Visits {
  name: string;
}

/** Where people were and where nobody came, on each floor plan, and the same in a table. */
export function HeatMap({ site, span }: { site: number; span: Span }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const visits = useVisits(site, span);
  const plans = usePlans().data?.items ?? [];
  const names = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, label(one.name)]));
  return (
    <Panel title={t('reports.heat')}>
      <Loaded query={visits}>
        {(rows) => {
          const spots = rows.map((row) => ({
            ...row,
            name: names.get(row.checkpoint_id) ?? t('reports.retired', { id: row.checkpoint_id }),
          }));
          const most = Math.max(1, ...spots.map((spot) => Math.max(spot.visits, spot.missed)));
          const drawn = plans.filter((plan) => spots.some((spot) => spot.plan_id === plan.id));
          return (
            <div className={styles.stack}>
              {drawn.length === 0 && <p className="quiet">{t('reports.noPlans')}</p>}
              <div className={styles.plans}>
                {drawn.map((plan) => (
                  <PlanHeat
                    key={plan.id}
                    plan={plan}
                    most={most}
                    spots={spots.filter((spot) => spot.plan_id === plan.id)}
                  />
                ))}
              </div>
              {drawn.length > 0 && (
                <p className={styles.legend}>
                  <span className={styles.visited}>{t('reports.visitedMark')}</span>
                  <span className={styles.unvisited}>{t('reports.missedMark')}</span>
                </p>
              )}
              <Table spots={spots} isOpen={drawn.length === 0} />
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** Areas of circles are as the counts, on one scale for all plans: `most` has the largest. */
function PlanHeat({ plan, spots, most }: { plan: Plan; spots: Spot[]; most: number }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  // On a phone a plan is a quarter as wide; its names have to stay readable.
  const lettering = useIsPhone() ? 2.3 : 1.15;
  const unit = Math.max(plan.width, plan.height) / 60;
  const radius = (count: number) => unit * (0.5 + 2 * Math.sqrt(count / most));
  return (
    <figure className={styles.picture}>
      <figcaption>{label(plan.name)}</figcaption>
      <svg
        className={styles.plan}
        viewBox={`0 0 ${plan.width} ${plan.height}`}
        role="img"
        aria-label={spots
          .map((spot) => `${spot.name}: ${t('reports.counts', { visits: spot.visits, missed: spot.missed })}`)
          .join('; ')}
      >
        <image href={plan.image_url} width={plan.width} height={plan.height} />
        {spots.map(
          (spot) =>
            spot.x !== null &&
            spot.y !== null && (
              <g key={spot.checkpoint_id} transform={`translate(${spot.x} ${spot.y})`}>
                <title>{`${spot.name}: ${t('reports.counts', { visits: spot.visits, missed: spot.missed })}`}</title>
                {spot.visits > 0 && <circle className={styles.fill} r={radius(spot.visits)} />}
                {spot.missed > 0 && (
                  <circle className={styles.ring} r={radius(spot.missed)} strokeWidth={unit / 4} />
                )}
                <text
                  className={styles.spot}
                  y={unit * (2.75 + lettering)}
                  fontSize={unit * lettering}
                  textAnchor="middle"
                >
                  {spot.name}
                </text>
              </g>
            ),
        )}
      </svg>
    </figure>
  );
}

function Table({ spots, isOpen }: { spots: Spot[]; isOpen: boolean }) {
  const { t } = useTranslation();
  const rows = [...spots].sort((a, b) => b.missed - a.missed || b.visits - a.visits);
  if (!rows.length) return <p className="quiet">{t('reports.noCheckpoints')}</p>;
  return (
    <details open={isOpen}>
      <summary className={styles.summary}>{t('reports.table')}</summary>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('reports.checkpoint')}</th>
            <th scope="col">{t('reports.visits')}</th>
            <th scope="col">{t('reports.misses')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.checkpoint_id}>
              <th scope="row">{row.name}</th>
              <td>{row.visits}</td>
              <td>{row.missed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
