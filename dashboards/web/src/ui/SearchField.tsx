import { useEffect, useRef, useState } from 'react';
import { Icon } from './icons';
import styles from './SearchField.module.css';

interface Props {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

const PAUSE_MS = 300;

/** Searches when the typing pauses. */
export function SearchField({ label, value, onSearch }: Props) {
  const [text, setText] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => search.current(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <span className={styles.box}>
      <Icon name="search" size={18} />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </span>
  );
}
