import { type FormEvent, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useChangeRule } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { SEVERITIES } from '@/ui/severity';
import { tell } from '@/ui/toasts';
import { ConditionFields } from './ConditionFields';
import { useProblems } from './queries';
import { changeOf, type Draft, type RuleDetail } from './RulePage';
import styles from './Rules.module.css';
import { useSentence } from './useSentence';

const DELAYS = ['on_delay_s', 'off_delay_s', 'verify_s'] as const;

interface Props {
  rule: RuleDetail;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  points: Point[];
  /** The run that was seen last: what was refused for want of it may be asked again. */
  seen: number | undefined;
}

/** The rule as a sentence, and below it the form that writes the sentence. */
export function RuleForm({ rule, draft, onDraft, points, seen }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const mayEdit = useMay('admin');
  const save = useChangeRule();
  const { reset } = save;
  useEffect(() => {
    if (seen !== undefined) reset();
  }, [seen, reset]);
  const problems = useProblems(rule.profile, rule.asset_id, draft.condition) ?? [];
  const change = changeOf(rule, draft);
  const put = (body: object, said: string) =>
    save.mutate({ id: rule.id, version: rule.version, ...body }, { onSuccess: () => tell(said) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change) put(change, t('rules.saved'));
  };
  return (
    <Panel title={t('rules.says')}>
      <form onSubmit={submit} className={styles.form}>
        <Sentence draft={draft} points={points} />
        <fieldset disabled={!mayEdit} className={styles.form} style={{ border: 0, margin: 0, padding: 0 }}>
          <legend className="only-read-aloud">{t('rules.when')}</legend>
          <ConditionFields
            condition={draft.condition}
            points={points}
            onChange={(condition) => onDraft({ ...draft, condition })}
          />
          {problems.length > 0 && (
            <ul className={styles.problems} role="status">
              {problems.map((problem) => (
                <li key={problem.en}>{label(problem)}</li>
              ))}
            </ul>
          )}
          <div className={styles.delays}>
            <Choice
              label={t('alarm.severity')}
              value={draft.severity}
              options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
              onPick={(severity) => onDraft({ ...draft, severity })}
            />
            {DELAYS.map((name) => (
              <Field
                key={name}
                label={t(`rules.delay.${name}`)}
                type="number"
                min={0}
                step="any"
                required
                value={Number.isNaN(draft[name]) ? '' : draft[name]}
                onChange={(event) => onDraft({ ...draft, [name]: event.target.valueAsNumber })}
              />
            ))}
          </div>
        </fieldset>
        {save.error && <p role="alert">{text(save.error)}</p>}
        {mayEdit && (
          <div className={layout.tools}>
            <Button
              type="submit"
              look="primary"
              isBusy={save.isPending}
              disabled={!change || problems.length > 0}
            >
              {t('action.save')}
            </Button>
            <Button
              isBusy={save.isPending}
              disabled={change !== null}
              onClick={() =>
                put({ enabled: !rule.enabled }, t(rule.enabled ? 'rules.nowOff' : 'rules.nowOn'))
              }
            >
              {t(rule.enabled ? 'rules.switchOff' : 'rules.switchOn')}
            </Button>
            <span className="quiet small">{t('rules.seenFirst')}</span>
          </div>
        )}
      </form>
    </Panel>
  );
}

function Sentence({ draft, points }: { draft: Draft; points: Point[] }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const say = useSentence(points);
  const words = {
    when: say(draft.condition),
    lasts: duration((draft.on_delay_s || 0) * 1000),
    severity: t(`severity.${draft.severity}`),
    back: duration((draft.off_delay_s || 0) * 1000),
  };
  const key = draft.on_delay_s > 0 ? 'rules.sentenceDelayed' : 'rules.sentence';
  return <p className={styles.sentence}>{t(key, words)}</p>;
}
