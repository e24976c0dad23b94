import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams, useSearchParams } from 'react-router';
import { useAsset, useAssets } from '@/nouns/assets/queries';
import type { RuleChange } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Notice } from '@/ui/Notice';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { Backtest } from './Backtest';
import { Models } from './Models';
import { type Condition, learns } from './parts';
import { useRule } from './queries';
import { RuleForm } from './RuleForm';
import styles from './Rules.module.css';

/** Who wrote a rule that came with its type of equipment. */
const BY_PROFILE = 'profile';

export type RuleDetail = NonNullable<ReturnType<typeof useRule>['data']>;

/** What may be changed, as it is being changed. */
export interface Draft {
  condition: Condition;
  severity: RuleDetail['severity'];
  on_delay_s: number;
  off_delay_s: number;
  verify_s: number;
}

export function RulePage() {
  const id = Number(useParams().id);
  const query = useRule(id);
  return (
    <Loaded query={query} lines={8}>
      {(rule) => <OneRule key={`${rule.id}.${rule.version}`} rule={rule} />}
    </Loaded>
  );
}

function OneRule({ rule }: { rule: RuleDetail }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const [draft, setDraft] = useState<Draft>(() => draftOf(rule));
  const [address] = useSearchParams();
  const [picked, setPicked] = useState<number | null>(
    rule.asset_id ?? (Number(address.get('asset')) || null),
  );
  const assets = useAssets({ profile: rule.profile, limit: 200, offset: 0 }).data?.items ?? [];
  const asset = picked ?? assets[0]?.id ?? null;
  useTitle(label(rule.name));
  return (
    <>
      <PageHead
        title={label(rule.name)}
        under={
          <>
            <Link to="/rules" className={styles.back}>
              {t('rules.title')}
            </Link>{' '}
            · {t('rules.version', { version: rule.version })} · {time(rule.updated_at)}{' '}
            {rule.updated_by === BY_PROFILE ? t('rules.byProfile') : rule.updated_by} ·{' '}
            {t(rule.enabled ? 'rules.isOn' : 'rules.isOff')}
          </>
        }
      />
      {rule.problem && (
        <Notice role="alert">
          <div>
            <strong>{t('rules.cannotJudge')}</strong>
            <p>{label(rule.problem)}</p>
            <p className="quiet small">{t('rules.cannotJudgeHint')}</p>
          </div>
        </Notice>
      )}
      {asset === null ? (
        <Panel>
          <Empty title={t('rules.noAsset')}>{t('rules.noAssetHint')}</Empty>
        </Panel>
      ) : (
        <>
          <div className={layout.tools}>
            <Choice
              label={t('rules.asset')}
              value={String(asset)}
              options={assets
                .filter((one) => rule.asset_id === null || one.id === rule.asset_id)
                .map((one) => ({ value: String(one.id), label: label(one.name) }))}
              onPick={(value) => setPicked(Number(value))}
            />
          </div>
          <Sides rule={rule} draft={draft} onDraft={setDraft} asset={asset} />
        </>
      )}
    </>
  );
}

interface SidesProps {
  rule: RuleDetail;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  asset: number;
}

function Sides({ rule, draft, onDraft, asset }: SidesProps) {
  const query = useAsset(asset);
  const [seen, setSeen] = useState<number>();
  const change = changeOf(rule, draft);
  return (
    <Loaded query={query} lines={8}>
      {({ points }) => (
        <div className={styles.columns}>
          <RuleForm rule={rule} draft={draft} onDraft={onDraft} points={points} seen={seen} />
          <div className={styles.stack}>
            <Backtest rule={rule} asset={asset} change={change} points={points} onSeen={setSeen} />
            {learns(draft.condition) && <Models rule={rule} asset={asset} points={points} />}
          </div>
        </div>
      )}
    </Loaded>
  );
}

function draftOf(rule: RuleDetail): Draft {
  return {
    condition: rule.condition as unknown as Condition,
    severity: rule.severity,
    on_delay_s: rule.on_delay_s,
    off_delay_s: rule.off_delay_s,
    verify_s: rule.verify_s,
  };
}

/** Only what differs; null: nothing does. */
export function changeOf(rule: RuleDetail, draft: Draft): RuleChange | null {
  const before = draftOf(rule);
  const names = (Object.keys(draft) as (keyof Draft)[]).filter(
    (name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]),
  );
  if (names.length === 0) return null;
  return Object.fromEntries(names.map((name) => [name, draft[name]])) as RuleChange;
}
