import { Button } from '@/ui/Button';
import { isNearlyFull, useStorageState } from '../device/storage';
import { useText } from '../text/phrases';
import { useUpdate } from '../update';

/** What the person should know about this phone before relying on it. */
export function Warnings() {
  const t = useText();
  const storage = useStorageState();
  const update = useUpdate();
  return (
    <>
      {update.isReady && (
        <div className="note" role="status">
          <p>{t.storage.update}</p>
          <Button isLarge onClick={update.use}>
            {t.storage.updateNow}
          </Button>
        </div>
      )}
      {storage && !storage.isPersistent && <p className="note">{t.storage.refused}</p>}
      {storage && isNearlyFull(storage) && <p className="note">{t.storage.full}</p>}
    </>
  );
}
