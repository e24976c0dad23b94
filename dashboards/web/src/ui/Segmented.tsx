import { useId } from 'react';
import styles from './Segmented.module.css';

interface Props<T extends string> {
  /** Read aloud as the name of the group. */
  label: string;
  value: T | null;
  options: readonly { value: T; label: string }[];
  onPick: (value: T) => void;
}

/** One of a few, all in sight. Radio buttons underneath, so arrow keys work. */
export function Segmented<T extends string>({ label, value, options, onPick }: Props<T>) {
  const name = useId();
  return (
    <fieldset className={styles.group}>
      <legend className="only-read-aloud">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.option}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onPick(option.value)}
            className="only-read-aloud"
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
