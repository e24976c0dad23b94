import { useTranslation } from 'react-i18next';
import { number } from '@/text/format';
import { Figure, Figures as Row } from '@/ui/Figures';
import type { Rates } from './queries';
import { percent, type Share } from './shares';

interface Props {
  rates: Rates;
  before: { month: string; rates: Rates | null };
}

/** The four key figures, each with what it was the month before. */
export function Figures({ rates, before }: Props) {
  const { t } = useTranslation();
  const scanRate = (value: Share) => (value === null ? '—' : number(value, 2));
  const figures = [
    { key: 'completion', show: percent },
    { key: 'on_time', show: percent },
    { key: 'missed', show: percent },
    { key: 'exceptions', show: scanRate },
  ] as const;
  return (
    <Row>
      {figures.map(({ key, show }) => (
        <Figure
          key={key}
          name={t(`reports.figure.${key}`)}
          value={show(rates[key])}
          notes={[
            before.rates
              ? t('reports.before', { month: before.month, value: show(before.rates[key]) })
              : t('reports.noneBefore', { month: before.month }),
            t(`reports.of.${key}`, { due: rates.due, rounds: rates.rounds }),
          ]}
        />
      ))}
    </Row>
  );
}
