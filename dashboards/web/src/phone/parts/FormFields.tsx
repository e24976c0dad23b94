import type { FormItem } from '../api';
import { asked, isOutside, problemOf, type Values } from '../rounds/form';
import { pictureUrl } from '../sync/bundle';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import styles from './FormFields.module.css';
import { NumberField } from './NumberField';
import { PhotoField } from './PhotoField';
import { Pick } from './Pick';
import { SignPad } from './SignPad';
import { usePicture } from './Where';

interface Props {
  items: FormItem[];
  values: Values;
  onChange: (values: Values) => void;
  /** Written on photos. */
  mark: string;
  /** The person pressed Done: what is missing is pointed out. */
  isTried: boolean;
}

/** The form of a point; items whose condition is not met are not there. */
export function FormFields({ items, values, onChange, mark, isTried }: Props) {
  const t = useText();
  if (!items.length) return <p className="quiet">{t.point.nothing}</p>;
  const set = (key: string, value: string | string[]) => onChange({ ...values, [key]: value });
  return (
    <>
      {asked(items, values).map((item) => (
        <section key={item.key} className="card" data-missing={isTried && problemOf(item, values) !== null}>
          <h2 id={`item-${item.key}`} className={styles.name}>
            {say(item.name)}
            {item.required && <span className="quiet small">{t.point.required}</span>}
          </h2>
          {item.help && <p className="quiet">{say(item.help)}</p>}
          <ItemPicture item={item} />
          <One item={item} values={values} set={set} mark={mark} />
          {item.type === 'number' && isOutside(item, values) && (
            <p className="value" role="status">
              {t.point.outside}
            </p>
          )}
        </section>
      ))}
    </>
  );
}

/** What is meant, as a picture; from this phone, so it is there without signal. */
function ItemPicture({ item }: { item: FormItem }) {
  const url = usePicture(pictureUrl(item.picture_id));
  return url && <img className={styles.picture} src={url} alt={say(item.name)} />;
}

interface OneProps {
  item: FormItem;
  values: Values;
  set: (key: string, value: string | string[]) => void;
  mark: string;
}

function One({ item, values, set, mark }: OneProps) {
  const t = useText();
  const text = typeof values[item.key] === 'string' ? (values[item.key] as string) : '';
  const photos = (key: string) => (Array.isArray(values[key]) ? (values[key] as string[]) : []);
  const pick = (value: string) => set(item.key, value);
  switch (item.type) {
    case 'check':
      return (
        <>
          <Pick
            labelledBy={`item-${item.key}`}
            value={text}
            onPick={pick}
            options={[
              { value: 'pass', label: t.point.pass },
              { value: 'fail', label: t.point.fail },
              { value: 'na', label: t.point.na },
            ]}
          />
          {text === 'fail' && (
            <PhotoField
              photoIds={photos(`${item.key}.photos`)}
              onChange={(ids) => set(`${item.key}.photos`, ids)}
              mark={mark}
            />
          )}
        </>
      );
    case 'choice':
      return (
        <Pick
          labelledBy={`item-${item.key}`}
          value={text}
          onPick={pick}
          options={item.options.map((one) => ({ value: one.key, label: say(one.name) }))}
        />
      );
    case 'number':
      return <NumberField item={item} value={text} onChange={pick} />;
    case 'text':
      return (
        <textarea
          aria-labelledby={`item-${item.key}`}
          className={styles.text}
          rows={3}
          value={text}
          maxLength={item.most}
          onChange={(event) => pick(event.target.value)}
        />
      );
    case 'photo':
      return (
        <PhotoField
          photoIds={photos(item.key)}
          onChange={(ids) => set(item.key, ids)}
          mark={mark}
          most={item.most}
        />
      );
    case 'signature':
      return photos(item.key).length ? (
        <PhotoField photoIds={photos(item.key)} onChange={(ids) => set(item.key, ids)} mark="" most={1} />
      ) : (
        <SignPad label={t.scan.record} onSigned={(id) => id && set(item.key, [id])} isRequired />
      );
  }
}
