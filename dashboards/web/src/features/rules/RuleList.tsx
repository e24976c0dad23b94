import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useProfile, useProfiles } from '@/nouns/assets/queries';
import type { Rule } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { SeverityMark } from '@/ui/SeverityMark';
import type { Condition } from './parts';
import styles from './Rules.module.css';
import { useSentence } from './useSentence';

/** The rules on a phone: each one below the other, to be read and opened. */
export function RuleList({ rules }: { rules: Rule[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = new Map(useProfiles().data?.map((profile) => [profile.key, profile.name]));
  return rules.map((rule) => {
    const type = profiles.get(rule.profile);
    return (
      <Link key={rule.id} to={`/rules/${rule.id}`} className={styles.line}>
        <span className={styles.lineHead}>
          <SeverityMark severity={rule.severity} isHollow={!rule.enabled} />
          <strong className={rule.enabled ? undefined : styles.off}>{label(rule.name)}</strong>
        </span>
        <span>
          <Said rule={rule} />
        </span>
        <span className="quiet small">
          {rule.asset ? label(rule.asset.name) : type ? label(type) : rule.profile}
          {!rule.enabled && ` · ${t('rules.off')}`}
          {rule.problem && ` · ${label(rule.problem)}`}
        </span>
      </Link>
    );
  });
}

/** When it raises its alarm, as a sentence. */
export function Said({ rule }: { rule: Rule }) {
  const points = useProfile(rule.profile).data?.points ?? [];
  const say = useSentence(points);
  return <>{say(rule.condition as unknown as Condition)}</>;
}
