import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import styles from './Notifications.module.css';
import type { Plan } from './queries';
import { useStepText } from './stepText';

/** Steps on a line of time: when, who, by which ways; and that it goes on. */
export function StepsPicture({ plan }: { plan: Plan }) {
  const { t } = useTranslation();
  const { list } = useFormat();
  const { who, ways } = useStepText();
  return (
    <ol className={styles.steps}>
      {plan.steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
        <li key={index}>
          <span className={styles.minute}>
            {step.after_min === 0 ? t('notify.atOnce') : t('notify.afterMin', { count: step.after_min })}
          </span>
          <strong>{list(step.who.map(who))}</strong>
          <span className="quiet small">{ways(step)}</span>
        </li>
      ))}
      <li className={styles.again}>
        <span className={styles.minute}>
          {plan.repeat_min === null || plan.repeat_min === undefined
            ? t('notify.thenNothing')
            : t('notify.thenEvery', { count: plan.repeat_min })}
        </span>
      </li>
    </ol>
  );
}
