import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import styles from './HistoryPanel.module.css';
import type { Range } from './range';

interface Props {
  range: Range;
  onPick: (from: number, to: number) => void;
}

const FORM = 'YYYY-MM-DDTHH:mm';

/** A range typed in, in the site's time, and the way back out of a zoom. */
export function RangeFields({ range, onPick }: Props) {
  const { t } = useTranslation();
  const { zone } = useFormat();
  const [from, setFrom] = useState(() => dayjs(range.from).tz(zone).format(FORM));
  const [to, setTo] = useState(() => dayjs(range.to).tz(zone).format(FORM));
  const [a, b] = [dayjs.tz(from, zone).valueOf(), dayjs.tz(to, zone).valueOf()];
  const isSense = a < b;
  const widen = () => {
    const half = (range.to - range.from) / 2;
    onPick(range.from - half, Math.min(range.to + half, Date.now()));
  };
  return (
    <div className={styles.fields}>
      <Button look="quiet" onClick={widen} aria-label={t('chart.zoomOut')} title={t('chart.zoomOut')}>
        <Icon name="zoomOut" />
      </Button>
      <input
        type="datetime-local"
        aria-label={t('chart.from')}
        value={from}
        onChange={(event) => setFrom(event.target.value)}
      />
      <span aria-hidden="true">–</span>
      <input
        type="datetime-local"
        aria-label={t('chart.to')}
        value={to}
        onChange={(event) => setTo(event.target.value)}
      />
      <Button onClick={() => onPick(a, b)} disabled={!isSense}>
        {t('chart.show')}
      </Button>
    </div>
  );
}
