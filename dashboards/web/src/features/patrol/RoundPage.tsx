import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useCheckpoints, useRound } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { Timeline } from '@/ui/Timeline';
import { Answers } from './Answers';
import { ContestList } from './ContestList';
import { ExceptionLine } from './ExceptionList';
import { Gauges } from './Gauges';
import { Legs, OtherScans } from './Legs';
import { roundState } from './marks';
import styles from './Patrol.module.css';
import { PhotoList } from './PhotoList';
import { RoundActions } from './RoundActions';
import { RoundFindings } from './RoundFindings';
import { useCauseText, useEventName } from './words';

/** All that is known of one round: where, when, how well proven and why, what was found. */
export function RoundPage() {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const id = Number(useParams().id);
  const query = useRound(id);
  const places = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one]));
  const eventName = useEventName();
  useTitle(query.data ? label(query.data.name) : t('patrol.title'));
  return (
    <Loaded query={query} lines={8}>
      {(round) => (
        <>
          <Head round={round} />
          <RoundActions round={round} />
          <Panel title={t('patrol.round.legs')} isFlush>
            <Legs round={round} places={places} />
          </Panel>
          <div className={layout.cards}>
            {round.shown_exceptions.length > 0 && (
              <Panel title={t('patrol.exceptions')}>
                <ul className={styles.lines}>
                  {round.shown_exceptions.map((one) => (
                    <ExceptionLine key={one.id} exception={one} checkpoints={places} hasRound />
                  ))}
                </ul>
              </Panel>
            )}
            {round.contests.length > 0 && (
              <Panel title={t('patrol.contests')}>
                <ContestList contests={round.contests} checkpoints={places} hasRound />
              </Panel>
            )}
            {round.gauges.length > 0 && (
              <Panel title={t('patrol.round.gauges')}>
                <Gauges round={round} />
              </Panel>
            )}
            {round.answers.length > 0 && (
              <Panel title={t('patrol.round.answers')}>
                <Answers round={round} places={places} />
              </Panel>
            )}
            <RoundFindings round={round.id} />
            <OtherScans round={round} places={places} />
            {round.signature_id && (
              <Panel title={t('patrol.round.signature')}>
                <PhotoList ids={[round.signature_id]} />
              </Panel>
            )}
            <Panel title={t('patrol.round.history')}>
              <div className={layout.form}>
                {round.digest && (
                  <div>
                    <strong>{t('patrol.round.digest')}</strong>
                    <p className={styles.digest}>{round.digest}</p>
                    <p className="quiet small">{t('patrol.round.digestHint')}</p>
                  </div>
                )}
                <Timeline
                  entries={round.history.map((row) => ({
                    key: String(row.number),
                    title: eventName(row.kind),
                    at: time(row.at),
                    by: `${t(row.origin === 'phone' ? 'patrol.round.phone' : 'patrol.round.server')} #${row.number}`,
                  }))}
                />
              </div>
            </Panel>
          </div>
        </>
      )}
    </Loaded>
  );
}

type Round = NonNullable<ReturnType<typeof useRound>['data']>;

function Head({ round }: { round: Round }) {
  const { t } = useTranslation();
  const { label, time, language } = useFormat();
  const cause = useCauseText()(round.cause);
  const order = (['ordered', 'free', 'random'] as const).find((one) => one === round.order) ?? 'free';
  const facts = [
    { name: t('patrol.round.person'), value: round.person?.display_name ?? t('patrol.nobody') },
    {
      name: t('patrol.round.window'),
      value: `${time(round.starts_at)} – ${time(round.window_ends_at)}`,
    },
    { name: t('patrol.round.order'), value: t(`patrol.round.orderOf.${order}`) },
    { name: t('patrol.round.started'), value: round.started_at ? time(round.started_at) : '–' },
    { name: t('patrol.round.finished'), value: round.finished_at ? time(round.finished_at) : '–' },
    ...(round.late_since ? [{ name: t('patrol.round.lateSince'), value: time(round.late_since) }] : []),
    ...(cause ? [{ name: t('patrol.round.cause'), value: cause }] : []),
  ];
  const report = `/api/v1/reports/rounds/${round.id}`;
  return (
    <>
      <PageHead
        title={label(round.name)}
        under={`${t(`patrol.state.${roundState(round)}`)} · ${t('patrol.round.progress', { done: round.done, total: round.total })}`}
        actions={
          <div className={layout.tools}>
            <a href={`${report}.pdf?language=${language}`}>{t('patrol.round.report')}</a>
            <a href={`${report}.xlsx?language=${language}`}>{t('patrol.round.sheet')}</a>
          </div>
        }
      />
      <Panel>
        <dl className={styles.facts}>
          {facts.map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </>
  );
}
