import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Limit, limitsOf, withLimits } from '@/nouns/rules/conditions';
import { type Rule, type RuleChange, useChangeRule } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import { SEVERITIES } from '@/ui/severity';
import { tell } from '@/ui/toasts';
import styles from './AdminPage.module.css';
import { LimitFields } from './LimitFields';

const DELAYS = ['on_delay_s', 'off_delay_s', 'verify_s'] as const;

/** Switch a rule on or off and change its limits and delays; each change is a new version with who and when. */
export function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const text = useFailureText();
  const [enabled, setEnabled] = useState(rule.enabled);
  const [severity, setSeverity] = useState(rule.severity);
  const [delays, setDelays] = useState({
    on_delay_s: rule.on_delay_s,
    off_delay_s: rule.off_delay_s,
    verify_s: rule.verify_s,
  });
  const [limits, setLimits] = useState<Limit[]>(() => limitsOf(rule.condition));
  const change = useChangeRule();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const condition = withLimits(rule.condition, limits) as RuleChange['condition'];
    const body = { id: rule.id, enabled, severity, ...delays, ...(limits.length && { condition }) };
    change.mutate(body, {
      onSuccess: () => {
        tell(t('admin.ruleSaved'));
        onClose();
      },
    });
  };
  return (
    <Dialog title={label(rule.name)} look="drawer" onClose={onClose}>
      <form onSubmit={submit} className={styles.form}>
        <label className={styles.check}>
          <input type="checkbox" checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
          {t('admin.ruleOn')}
        </label>
        <Choice
          label={t('alarm.severity')}
          value={severity}
          options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          onPick={setSeverity}
        />
        <LimitFields rule={rule} limits={limits} onChange={setLimits} />
        <div className={styles.pair}>
          {DELAYS.map((name) => (
            <Field
              key={name}
              label={t(`admin.delay.${name}`)}
              type="number"
              min={0}
              step="any"
              required
              value={delays[name]}
              onChange={(event) => setDelays({ ...delays, [name]: event.target.valueAsNumber })}
            />
          ))}
        </div>
        <p className="quiet small">
          {t('admin.version', { version: rule.version })}
          {rule.updated_at && ` · ${time(rule.updated_at)} ${rule.updated_by ?? ''}`}
        </p>
        {change.error && <p role="alert">{text(change.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={change.isPending}>
          {t('action.save')}
        </Button>
      </form>
    </Dialog>
  );
}
