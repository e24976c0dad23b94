import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageButton } from '@/nouns/session/LanguageButton';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { tell } from '@/ui/toasts';
import { Browsers } from './Browsers';
import { type Mine, useMine, useSaveMine, useTestMine } from './queries';
import { TestAnswer } from './TestAnswer';

export function MySettings() {
  const query = useMine();
  return (
    <Loaded query={query} lines={8}>
      {(mine) => (
        <div className={layout.columns}>
          <Reaching key={savedOf(mine)} mine={mine} />
          <Browsers mine={mine} />
        </div>
      )}
    </Loaded>
  );
}

/** What the form shows: only where that was saved anew it begins anew, not where a browser was added. */
function savedOf({ email, mobile, feishu_id, muted, quiet_from, quiet_to }: Mine): string {
  return JSON.stringify([email, mobile, feishu_id, muted, quiet_from, quiet_to]);
}

const WAYS = ['push', 'email'] as const;
type Muted = Mine['muted'];

function Reaching({ mine }: { mine: Mine }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const text = useFailureText();
  const [email, setEmail] = useState(mine.email ?? '');
  const [mobile, setMobile] = useState(mine.mobile ?? '');
  const [feishu, setFeishu] = useState(mine.feishu_id ?? '');
  const [wanted, setWanted] = useState<Muted>(WAYS.filter((way) => !mine.muted.includes(way)));
  const [from, setFrom] = useState(mine.quiet_from ?? '');
  const [to, setTo] = useState(mine.quiet_to ?? '');
  const save = useSaveMine();
  const test = useTestMine();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      {
        email: email.trim() || null,
        mobile: mobile.trim() || null,
        feishu_id: feishu.trim() || null,
        muted: WAYS.filter((way) => !wanted.includes(way)),
        quiet_from: from || null,
        quiet_to: to || null,
        time_zone: mine.time_zone,
      },
      { onSuccess: () => tell(t('notify.saved')) },
    );
  };
  return (
    <Panel title={t('notify.reaching')}>
      <form onSubmit={submit} className={layout.form}>
        <Field
          label={t('notify.email')}
          type="email"
          value={email}
          hint={mine.has_mail_server ? undefined : t('notify.noMailServer')}
          onChange={(e) => setEmail(e.target.value)}
        />
        <div className={layout.pair}>
          <Field
            label={t('notify.mobile')}
            type="tel"
            value={mobile}
            hint={t('notify.mobileHint')}
            onChange={(e) => setMobile(e.target.value)}
          />
          <Field
            label={t('notify.feishuId')}
            value={feishu}
            hint={t('action.optional')}
            onChange={(e) => setFeishu(e.target.value)}
          />
        </div>
        <Checks
          legend={t('notify.ways')}
          options={WAYS.map((value) => ({ value, label: t(`notify.way.${value}`) }))}
          picked={wanted}
          onPick={setWanted}
        />
        <div className={layout.pair}>
          <Field
            label={t('notify.quietFrom')}
            type="time"
            value={from}
            onChange={(e) => setFrom(e.target.value)}
          />
          <Field label={t('notify.quietTo')} type="time" value={to} onChange={(e) => setTo(e.target.value)} />
        </div>
        <p className="quiet small">
          {t('notify.quietHint', { zone: mine.time_zone })}
          {mine.quiet_until && ` ${t('notify.quietNow', { time: short(mine.quiet_until) })}`}
        </p>
        <div className={layout.tools}>
          <LanguageButton />
          <span className="quiet small">{t('notify.languageHint')}</span>
        </div>
        {save.error && <p role="alert">{text(save.error)}</p>}
        <div className={layout.tools}>
          <Button type="submit" look="primary" isBusy={save.isPending}>
            {t('action.save')}
          </Button>
          <Button
            disabled={!mine.email || !mine.has_mail_server}
            isBusy={test.isPending}
            onClick={() => test.mutate('email')}
          >
            {t('notify.testMail')}
          </Button>
        </div>
        <TestAnswer test={test} />
      </form>
    </Panel>
  );
}
