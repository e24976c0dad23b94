interface NdefRecord {
  recordType: string;
  data?: DataView;
}

interface NdefReading extends Event {
  message: { records: NdefRecord[] };
}

interface NdefReader extends EventTarget {
  scan(options: { signal: AbortSignal }): Promise<void>;
}

type WithNfc = typeof globalThis & { NDEFReader?: new () => NdefReader };

export function hasNfc(): boolean {
  return 'NDEFReader' in globalThis;
}

/** Reads tags until the signal ends it; gives each tag's address. Chrome on Android only. */
export async function readNfc(
  onAddress: (text: string) => void,
  onUnreadable: () => void,
  signal: AbortSignal,
): Promise<void> {
  const Reader = (globalThis as WithNfc).NDEFReader;
  if (!Reader) return onUnreadable();
  const reader = new Reader();
  reader.addEventListener(
    'reading',
    (event) => {
      const record = (event as NdefReading).message.records.find((one) =>
        ['url', 'absolute-url', 'text'].includes(one.recordType),
      );
      if (record?.data) onAddress(new TextDecoder().decode(record.data));
      else onUnreadable();
    },
    { signal },
  );
  reader.addEventListener('readingerror', onUnreadable, { signal });
  await reader.scan({ signal });
}
