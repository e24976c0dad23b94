import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { type Policy, type Step, useRemovePolicy, useSavePolicy } from './queries';
import { StepFields } from './StepFields';
import { StepsPicture } from './StepsPicture';

const MOST_STEPS = 10;

interface Props {
  site: number | null;
  policy: Policy;
  onClose: () => void;
}

/** The steps as a form, and above it what they come to. */
export function PolicyDialog({ site, policy, onClose }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [steps, setSteps] = useState<Step[]>(policy.plan.steps);
  const [repeat, setRepeat] = useState(String(policy.plan.repeat_min ?? ''));
  const save = useSavePolicy();
  const remove = useRemovePolicy();
  const own = policy.source === (site === null ? 'all_sites' : 'site');
  const plan = { steps, repeat_min: repeat ? Number(repeat) : null };
  const done = () => {
    tell(t('notify.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { site_id: site, severity: policy.severity, version: own ? policy.version : null, plan },
      { onSuccess: done },
    );
  };
  const change = (index: number, step: Step) =>
    setSteps(steps.map((known, at) => (at === index ? step : known)));
  const last = steps.at(-1);
  const error = save.error ?? remove.error;
  return (
    <Dialog
      title={t('notify.editPolicy', { name: t(`severity.${policy.severity}`) })}
      look="drawer"
      onClose={onClose}
    >
      <form onSubmit={submit} className={layout.form}>
        <StepsPicture plan={plan} />
        {steps.map((step, index) => (
          <StepFields
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name but their place
            key={index}
            number={index + 1}
            step={step}
            onChange={(next) => change(index, next)}
            onRemove={steps.length > 1 ? () => setSteps(steps.filter((_, at) => at !== index)) : null}
          />
        ))}
        <div className={layout.tools}>
          <Button
            disabled={steps.length >= MOST_STEPS || !last}
            onClick={() => last && setSteps([...steps, { ...last, after_min: last.after_min + 15 }])}
          >
            {t('notify.addStep')}
          </Button>
        </div>
        <Field
          label={t('notify.repeat')}
          type="number"
          min={1}
          max={2880}
          value={repeat}
          hint={t('notify.repeatHint')}
          onChange={(e) => setRepeat(e.target.value)}
        />
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending}>
          {t('action.save')}
        </Button>
        {own && (
          <Button
            isBusy={remove.isPending}
            onClick={() => remove.mutate({ site_id: site, severity: policy.severity }, { onSuccess: done })}
          >
            {t('notify.backToDefault')}
          </Button>
        )}
      </form>
    </Dialog>
  );
}
