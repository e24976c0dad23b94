import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import type { Checkpoint, Round } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { useIsPhone } from '@/ui/screen';
import { Legend, LegShape } from './LegMark';
import { legAt, legState, type Row, roundState } from './marks';
import styles from './Timeline.module.css';

interface Props {
  rows: Row[];
  from: number;
  to: number;
  checkpoints: Map<number, Checkpoint>;
  onOpen: (round: Round) => void;
}

const HOUR_MS = 3_600_000;

/** Windows as bars, checkpoints as marks, one row for each person or route. */
export function RoundTimeline({ rows, from, to, checkpoints, onOpen }: Props) {
  const { t } = useTranslation();
  const { clock } = useFormat();
  const now = useNow();
  const isPhone = useIsPhone();
  const step = (to - from > 12 * HOUR_MS ? 3 : 1) * (isPhone ? 2 : 1) * HOUR_MS;
  const share = (at: number) => ((at - from) / (to - from)) * 100;
  const hours: number[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) hours.push(at);
  return (
    <div className={styles.box}>
      <div className={styles.scale} aria-hidden="true">
        {hours.map((at) => (
          <span key={at} style={{ left: `${share(at)}%` }}>
            {clock(at).slice(0, 5)}
          </span>
        ))}
      </div>
      <ul className={styles.rows}>
        {rows.map((row) => (
          <li key={row.key} className={styles.row}>
            <strong className={styles.name}>{row.name}</strong>
            <div className={styles.lanes}>
              {hours.map((at) => (
                <i key={at} className={styles.hour} style={{ left: `${share(at)}%` }} />
              ))}
              {row.lanes.map((lane) => (
                <div key={lane[0]?.id} className={styles.lane}>
                  {lane.map((round) => (
                    <Bar
                      key={round.id}
                      round={round}
                      from={from}
                      to={to}
                      checkpoints={checkpoints}
                      onOpen={onOpen}
                    />
                  ))}
                </div>
              ))}
              {now > from && now < to && (
                <i className={styles.now} style={{ left: `${share(now)}%` }} title={t('patrol.now')} />
              )}
            </div>
          </li>
        ))}
      </ul>
      <Legend />
    </div>
  );
}

interface BarProps extends Omit<Props, 'rows'> {
  round: Round;
}

function Bar({ round, from, to, checkpoints, onOpen }: BarProps) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const share = (at: number) => Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100));
  const state = roundState(round);
  const last = Math.max(
    Date.parse(round.window_ends_at),
    ...round.legs.map((leg) => legAt(leg) ?? 0),
    round.finished_at ? Date.parse(round.finished_at) : 0,
  );
  const first = Math.min(Date.parse(round.starts_at), ...round.legs.flatMap((leg) => legAt(leg) ?? []));
  const left = share(first);
  const width = Math.max(share(last) - left, 1.5);
  const said = t('patrol.roundSaid', {
    name: label(round.name),
    person: round.person?.display_name ?? t('patrol.nobody'),
    state: t(`patrol.state.${state}`),
    done: round.done,
    total: round.total,
    missed: round.missed,
  });
  return (
    <button
      type="button"
      className={`${styles.bar} ${styles[state]}`}
      style={{ left: `${left}%`, width: `${width}%` }}
      title={said}
      onClick={() => onOpen(round)}
    >
      <span className={styles.word} aria-hidden="true">
        {round.done}/{round.total} {label(round.name)} · {t(`patrol.state.${state}`)}
      </span>
      <span className="only-read-aloud">{said}</span>
      {round.legs.map((leg, index) => {
        const even = first + ((last - first) * (index + 0.5)) / round.legs.length;
        const at = legAt(leg) ?? even;
        const kind = legState(leg, round);
        const place = checkpoints.get(leg.checkpoint_id);
        return (
          <span
            key={leg.position}
            className={styles.leg}
            style={{ left: `${((at - first) / Math.max(1, last - first)) * 100}%` }}
            title={`${place ? label(place.name) : leg.checkpoint_id} · ${t(`patrol.leg.${kind}`)} · ${clock(at)}`}
          >
            <LegShape state={kind} size={14} />
          </span>
        );
      })}
    </button>
  );
}
