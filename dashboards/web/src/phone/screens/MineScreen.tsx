import { useEffect, useState } from 'react';
import { VerdictBox } from '../parts/Verdict';
import { useEvents } from '../store/hooks';
import { useText } from '../text/phrases';
import { fullTime } from '../text/when';
import { useWho } from '../who';

const SHOWN = 100;

/** All that is recorded about this person, on this phone; what the server holds stands above it. */
export function MineScreen() {
  const t = useText();
  const id = useWho()?.person.id;
  const own = useEvents().filter((one) => one.user_id === id);
  const [shown, setShown] = useState(SHOWN);
  useEffect(() => setShown(SHOWN), []);
  return (
    <>
      <h1>{t.mine.title}</h1>
      <p>{t.mine.explain}</p>
      {own.length === 0 && <p className="quiet">{t.mine.none}</p>}
      <ol className="stack">
        {own
          .slice(-shown)
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
    </>
  );
}
