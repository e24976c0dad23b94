import styles from './Checks.module.css';

interface Props<T extends string | number> {
  legend: string;
  options: readonly { value: T; label: string }[];
  picked: readonly T[];
  onPick: (picked: T[]) => void;
  /** Side by side, for short words. */
  isRow?: boolean;
}

/** Any number of many. */
export function Checks<T extends string | number>({ legend, options, picked, onPick, isRow }: Props<T>) {
  return (
    <fieldset className={`${styles.checks} ${isRow ? styles.row : ''}`}>
      <legend>{legend}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            checked={picked.includes(option.value)}
            onChange={(event) =>
              onPick(
                event.target.checked
                  ? [...picked, option.value]
                  : picked.filter((one) => one !== option.value),
              )
            }
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
