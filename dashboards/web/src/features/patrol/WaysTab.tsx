import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Answer } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useCheckpoints } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import styles from './Patrol.module.css';
import { type Route, useRoutes } from './planning';

type Way = Answer<'/api/v1/patrol/routes/{row_id}/ways'>[number];
const DOUBTS = ['out_of_order', 'cannot_be_reached', 'hardly_reached'] as const;

/** How long people take from checkpoint to checkpoint, beside the time that was planned for it. */
export function WaysTab() {
  const { t } = useTranslation();
  const query = useRoutes();
  return (
    <>
      <p className="quiet">{t('patrol.ways.hint')}</p>
      <Loaded
        query={query}
        lines={6}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.route.none')}>{t('patrol.route.noneHint')}</Empty>}
      >
        {(data) => data.items.map((route) => <RouteWays key={route.id} route={route} />)}
      </Loaded>
    </>
  );
}

function RouteWays({ route }: { route: Route }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const query = useQuery({
    queryKey: ['patrol', 'ways', route.id],
    queryFn: () =>
      ask(api.GET('/api/v1/patrol/routes/{row_id}/ways', { params: { path: { row_id: route.id } } })),
  });
  const columns = ['from', 'to', 'planned', 'stay', 'usual', 'learned', 'verdict'] as const;
  return (
    <Panel title={label(route.name)} isFlush>
      <Loaded query={query} lines={4} isEmpty={(data) => data.length === 0} empty={null}>
        {(ways) => (
          <table className={`${styles.table} ${styles.ways}`}>
            <thead>
              <tr>
                {columns.map((one) => (
                  <th key={one} scope="col">
                    {t(`patrol.ways.${one}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {ways.map((way) => (
                <Row key={`${way.from_id}-${way.to_id}`} way={way} />
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

function Row({ way }: { way: Way }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const places = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one.name]));
  const name = (id: number) => label(places.get(id) ?? { en: String(id), zh: String(id) });
  const lasts = (seconds: number) => duration(seconds * 1000);
  const doubt = DOUBTS.find((one) => one === way.doubt);
  const said = (word: 'planned' | 'stay' | 'usual' | 'learned') => ({
    'data-name': t(`patrol.ways.${word}`),
  });
  return (
    <tr>
      <td className={styles.wayFrom}>{name(way.from_id)}</td>
      <td className={styles.wayTo}>{name(way.to_id)}</td>
      <td {...said('planned')}>
        {way.planned_s === null ? '–' : `${lasts(way.planned_s)} ± ${lasts(way.slack_s / 2)}`}
      </td>
      <td {...said('stay')}>{way.stay_s > 0 ? lasts(way.stay_s) : '–'}</td>
      <td {...said('usual')}>
        {lasts(way.usual_s)}
        {way.quickest_s !== null && way.slowest_s !== null && way.count > 1 && (
          <span className="quiet small">
            {' '}
            ({t('patrol.ways.range', { least: lasts(way.quickest_s), most: lasts(way.slowest_s) })})
          </span>
        )}
      </td>
      <td {...said('learned')}>
        {way.count > 0 ? t('patrol.ways.rounds', { count: way.count }) : t('patrol.ways.estimate')}
      </td>
      <td>
        {doubt ? (
          <strong
            className={`${styles.strength} ${doubt === 'hardly_reached' ? styles.weak : styles.refused}`}
          >
            {t(`patrol.ways.doubt.${doubt}`)}
          </strong>
        ) : (
          <span className="quiet">
            {t(way.planned_s === null ? 'patrol.ways.unplanned' : 'patrol.ways.works')}
          </span>
        )}
      </td>
    </tr>
  );
}
