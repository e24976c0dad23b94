import dayjs from 'dayjs';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '@/live/clock';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { useIsPhone } from '@/ui/screen';
import styles from './HistoryPanel.module.css';
import type { Range } from './range';
import { readClock } from './readClock';

interface Props {
  range: Range;
  onPick: (from: number, to: number) => void;
}

/** A range chosen by its ends, in the site's time, and the way back out of a zoom. */
export function RangeFields({ range, onPick }: Props) {
  const { t } = useTranslation();
  const widen = () => {
    const half = (range.to - range.from) / 2;
    onPick(range.from - half, Math.min(range.to + half, serverNow()));
  };
  return (
    <div className={styles.fields}>
      <Button look="quiet" onClick={widen} aria-label={t('chart.zoomOut')} title={t('chart.zoomOut')}>
        <Icon name="zoomOut" />
      </Button>
      <Ends key={range.quick ?? `${range.from}-${range.to}`} range={range} onPick={onPick} />
    </div>
  );
}

const TYPED = 'YYYY-MM-DD HH:mm';
const PICKED = 'YYYY-MM-DDTHH:mm';

/** Typed on a desk, as every time is written here; a phone's own pickers are made for thumbs. */
function Ends({ range, onPick }: Props) {
  const { t } = useTranslation();
  const { zone } = useFormat();
  const isPhone = useIsPhone();
  const form = isPhone ? PICKED : TYPED;
  const [ends, setEnds] = useState(() => ({
    from: dayjs(range.from).tz(zone).format(form),
    to: dayjs(range.to).tz(zone).format(form),
  }));
  const from = readClock(ends.from, zone);
  const to = readClock(ends.to, zone);
  const isSense = from !== null && to !== null && from < to;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isSense) onPick(from, to);
  };
  const field = (end: 'from' | 'to', at: number | null) => (
    <input
      type={isPhone ? 'datetime-local' : 'text'}
      inputMode="numeric"
      placeholder={TYPED}
      size={16}
      aria-label={t(`chart.${end}`)}
      aria-invalid={at === null || (from !== null && to !== null && !isSense)}
      value={ends[end]}
      onChange={(event) => setEnds({ ...ends, [end]: event.target.value })}
    />
  );
  return (
    <form className={styles.ends} onSubmit={submit}>
      {field('from', from)}
      <span aria-hidden="true">–</span>
      {field('to', to)}
      <Button type="submit" disabled={!isSense}>
        {t('chart.show')}
      </Button>
    </form>
  );
}
