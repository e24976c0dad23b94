import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, ask } from '@/api/client';
import { useCheckpoints, useFireWatch, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { LegMark } from './LegMark';
import { legState, roundState } from './marks';
import styles from './Patrol.module.css';

/** The log of a fire watch: every round of it, to be printed. */
export function FireWatchPage() {
  const { t } = useTranslation();
  const { label, time, clock, language } = useFormat();
  const id = Number(useParams().id);
  const query = useFireWatch(id);
  const text = useFailureText();
  const places = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one]));
  const end = usePatrolWrite(() =>
    ask(api.POST('/api/v1/patrol/fire-watches/{row_id}/end', { params: { path: { row_id: id } } })),
  );
  useTitle(t('patrol.fire.title'));
  return (
    <Loaded query={query} lines={6}>
      {(watch) => (
        <>
          <PageHead
            title={`${t('patrol.fire.title')} ${watch.id}`}
            under={label(watch.reason)}
            actions={
              <div className={`${layout.tools} ${styles.noPrint}`}>
                <a href={`/api/v1/reports/fire-watches/${watch.id}.pdf?language=${language}`}>
                  {t('patrol.round.report')}
                </a>
                <Button onClick={() => window.print()}>{t('patrol.fire.print')}</Button>
                {watch.ended_at === null && (
                  <Button look="primary" isBusy={end.isPending} onClick={() => end.mutate(undefined)}>
                    {t('patrol.fire.end')}
                  </Button>
                )}
              </div>
            }
          />
          {end.error && <p role="alert">{text(end.error)}</p>}
          <Panel>
            <dl className={styles.facts}>
              <Fact name={t('patrol.fire.by')} value={`${watch.began_by}, ${time(watch.began_at)}`} />
              <Fact
                name={t('patrol.fire.endedBy')}
                value={
                  watch.ended_at ? `${watch.ended_by}, ${time(watch.ended_at)}` : t('patrol.fire.running')
                }
              />
              <Fact
                name={t('patrol.fire.interval')}
                value={t('patrol.fire.everyMin', { count: Math.round(watch.every_s / 60) })}
              />
            </dl>
          </Panel>
          <Panel title={t('patrol.fire.rounds')} isFlush>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th>{t('patrol.round.window')}</th>
                  <th>{t('patrol.round.person')}</th>
                  <th>{t('patrol.round.legs')}</th>
                </tr>
              </thead>
              <tbody>
                {watch.rounds.map((round) => (
                  <tr key={round.id}>
                    <td>
                      <Link to={`/patrol/rounds/${round.id}`}>{time(round.starts_at)}</Link>
                      <div className="small">{t(`patrol.state.${roundState(round)}`)}</div>
                    </td>
                    <td>{round.person?.display_name ?? t('patrol.nobody')}</td>
                    <td>
                      {round.legs.map((leg) => {
                        const place = places.get(leg.checkpoint_id);
                        return (
                          <div key={leg.position} className={styles.across}>
                            <span>{place ? label(place.name) : leg.checkpoint_id}</span>
                            <span>
                              <LegMark state={legState(leg, round)} /> {leg.done_at && clock(leg.done_at)}
                            </span>
                          </div>
                        );
                      })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Panel>
        </>
      )}
    </Loaded>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
