import { LanguageButton } from './parts/LanguageButton';
import { useDoorText } from './text/door';

/** Over plain http a browser gives no camera, no place, no offline storage: said at once and in full. */
export function NeedsHttps() {
  const t = useDoorText();
  return (
    <div className="phone">
      <main className="screen">
        <h1>{t.https.title}</h1>
        <p>{t.https.why}</p>
        <p>{t.https.what}</p>
        <p className="quiet">{window.location.origin}</p>
        <LanguageButton />
      </main>
    </div>
  );
}
