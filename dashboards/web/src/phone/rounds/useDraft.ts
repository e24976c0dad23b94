import { useEffect, useState } from 'react';
import { db } from '../store/db';
import type { Values } from './form';

/** What is typed at a point, kept at every stroke: closing the app loses none of it. */
export function useDraft(key: string): [Values, (next: Values) => void, () => Promise<void>] {
  const [values, setValues] = useState<Values>({});
  useEffect(() => {
    let isGone = false;
    void db.drafts.get(key).then((draft) => {
      if (draft && !isGone) setValues((typed) => ({ ...(draft.values as Values), ...typed }));
    });
    return () => {
      isGone = true;
    };
  }, [key]);
  const change = (next: Values) => {
    setValues(next);
    void db.drafts.put({ key, values: next });
  };
  return [values, change, () => db.drafts.delete(key)];
}
