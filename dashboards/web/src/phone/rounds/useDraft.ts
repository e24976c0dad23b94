import { useEffect, useState } from 'react';
import { db } from '../store/db';
import { withRoom } from '../store/room';
import { who } from '../who';
import type { Values } from './form';

/** What this person types at a point, kept at every stroke: closing the app loses none of it. */
export function useDraft(what: string): [Values, (next: Values) => void, () => Promise<void>] {
  const key = `${who()?.person.id}/${what}`;
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
    // a full storage is told when the work is recorded; until then it stands on screen
    withRoom(() => db.drafts.put({ key, values: next })).catch(() => undefined);
  };
  return [values, change, () => db.drafts.delete(key)];
}
