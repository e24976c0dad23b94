import { useEffect, useState } from 'react';
import type { Mine } from '../api';
import { VerdictBox } from '../parts/Verdict';
import { askJson } from '../server';
import { findPoint, useBundle, useEvents } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { fullTime } from '../text/when';

const SHOWN = 100;

/** All that is recorded about this person: what the server holds, and what this phone has recorded. */
export function MineScreen() {
  const t = useText();
  const { mine, hasFailed } = useMine();
  return (
    <>
      <h1>{t.mine.title}</h1>
      <p>{t.mine.explain}</p>
      {hasFailed && <p className="note">{t.mine.offline}</p>}
      {mine && <OnServer mine={mine} />}
      <OnPhone />
    </>
  );
}

function useMine(): { mine: Mine | null; hasFailed: boolean } {
  const [mine, setMine] = useState<Mine | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    askJson<Mine>('/api/v1/patrol/mine').then(setMine, () => setFailed(true));
  }, []);
  return { mine, hasFailed };
}

function OnServer({ mine }: { mine: Mine }) {
  const t = useText();
  const kept = useBundle();
  const point = (id: number | null) => say(kept && findPoint(kept.bundle, id)?.name);
  return (
    <section className="stack">
      <h2>{t.mine.onServer}</h2>
      <p>{t.mine.counts(mine.events, mine.photos, mine.phones.length)}</p>
      <p className="quiet">{t.mine.kept(mine.places_kept_days, mine.photos_kept_days)}</p>
      {mine.exceptions.map((one) => (
        <div key={one.id} className="note">
          <p>{say(one.detail)}</p>
          <p className="quiet">
            {fullTime(one.at)} {point(one.checkpoint_id)}
          </p>
        </div>
      ))}
      {mine.contests.map((one) => (
        <div key={one.id} className="note">
          <p className="value">{t.mine.contest(decision(one))}</p>
          <p>{one.reason}</p>
          {one.comment && <p>{one.comment}</p>}
          <p className="quiet">
            {fullTime(one.at)} {point(one.checkpoint_id)}
          </p>
        </div>
      ))}
      <ol className="stack">
        {mine.scans.slice(0, SHOWN).map((scan) => (
          <li key={scan.id} className="card">
            <p>
              <span className="value">{point(scan.checkpoint_id) || t.kind.scan}</span> {fullTime(scan.at)}
            </p>
            <p className="quiet">
              {t.verdict[scan.strength]}
              {scan.accuracy_m !== null && ` · ${t.mine.withPlace(scan.accuracy_m)}`}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function decision({ decided_at, is_granted }: Mine['contests'][number]): 'open' | 'granted' | 'refused' {
  if (!decided_at) return 'open';
  return is_granted ? 'granted' : 'refused';
}

function OnPhone() {
  const t = useText();
  const own = useEvents();
  return (
    <section className="stack">
      <h2>{t.mine.onPhone}</h2>
      {own.length === 0 && <p className="quiet">{t.mine.none}</p>}
      <ol className="stack">
        {own
          .slice(-SHOWN)
          .reverse()
          .map((one) => (
            <li key={one.id} className="card">
              <p>
                <span className="value">{t.kind[one.kind] ?? one.kind}</span> {fullTime(one.event.wall_ms)}
              </p>
              {one.event.place && <p className="quiet">{t.mine.withPlace(one.event.place.accuracy_m)}</p>}
              <VerdictBox event={one} />
            </li>
          ))}
      </ol>
    </section>
  );
}
