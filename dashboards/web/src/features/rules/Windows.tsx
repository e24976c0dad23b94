import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { Field } from '@/ui/Field';
import styles from './Rules.module.css';
import { asEnd, asField, DAYS, fullWindow, type Window, windowsOf } from './windows';

interface Props {
  value: unknown;
  onChange: (windows: Window[]) => void;
}

const NEW: Window = { days: [...DAYS], start: '22:00', end: '06:00' };

/** Times of the week, one under the other. */
export function Windows({ value, onChange }: Props) {
  const { t } = useTranslation();
  const windows = windowsOf(value);
  const put = (index: number, next: Window) => onChange(windows.map((one, i) => (i === index ? next : one)));
  return (
    <div className={`${styles.wide} ${styles.group}`}>
      {windows.map((window, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a time has no other name than its place.
        <fieldset key={index} className={styles.part}>
          <legend className="only-read-aloud">{t('rules.window', { number: index + 1 })}</legend>
          <OneWindow window={window} onChange={(next) => put(index, next)} />
          {windows.length > 1 && (
            <Button look="quiet" onClick={() => onChange(windows.filter((_, i) => i !== index))}>
              {t('rules.removePart')}
            </Button>
          )}
        </fieldset>
      ))}
      <p className="quiet small">{t('rules.windowHint')}</p>
      <Button onClick={() => onChange([...windows, NEW])}>{t('rules.addWindow')}</Button>
    </div>
  );
}

function OneWindow({ window, onChange }: { window: Window; onChange: (window: Window) => void }) {
  const { t } = useTranslation();
  const { days, start, end } = fullWindow(window);
  const put = (part: Window) => onChange({ days, start, end, ...part });
  return (
    <div className={styles.fields}>
      <div className={styles.wide}>
        <Checks
          legend={t('rules.windowDays')}
          isRow
          options={DAYS.map((day) => ({ value: day, label: t(`rules.day.${day}`) }))}
          picked={days}
          onPick={(picked) => put({ days: DAYS.filter((day) => picked.includes(day)) })}
        />
      </div>
      <Field
        label={t('rules.windowStart')}
        type="time"
        required
        value={start}
        onChange={(event) => put({ start: event.target.value })}
      />
      <Field
        label={t('rules.windowEnd')}
        type="time"
        required
        value={asField(end)}
        onChange={(event) => put({ end: asEnd(event.target.value) })}
      />
    </div>
  );
}
