import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Icon } from '@/ui/icons';
import layout from '@/ui/layout.module.css';
import { Notice } from '@/ui/Notice';
import { Panel } from '@/ui/Panel';
import styles from './Notifications.module.css';
import { obstacle, subscribe } from './push';
import { type Mine, useAddBrowser, useRemoveBrowser, useTestMine } from './queries';
import { TestAnswer } from './TestAnswer';

/** The browsers of mine that show messages also while the app is closed. */
export function Browsers({ mine }: { mine: Mine }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const text = useFailureText();
  const add = useAddBrowser();
  const remove = useRemoveBrowser();
  const test = useTestMine();
  const [problem, setProblem] = useState<string | null>(null);
  const hindered = obstacle();
  const subscribeHere = async () => {
    setProblem(null);
    try {
      const address = await subscribe(mine.push_key);
      if (address) add.mutate(address);
      else setProblem(t('notify.pushObstacle.denied'));
    } catch {
      setProblem(t('notify.pushFailed'));
    }
  };
  return (
    <Panel title={t('notify.browsers')}>
      <div className={layout.form}>
        <p className="quiet">{t('notify.browsersHint')}</p>
        <ul className={styles.rows}>
          {mine.browsers.map((one) => (
            <li key={one.id}>
              <span className={styles.grow}>
                {agentName(one.agent)}
                <span className="quiet small"> {t('notify.since', { time: short(one.created_at) })}</span>
              </span>
              <Button
                look="quiet"
                aria-label={t('notify.removeBrowser', { name: agentName(one.agent) })}
                onClick={() => remove.mutate(one.id)}
              >
                <Icon name="close" size={16} />
              </Button>
            </li>
          ))}
        </ul>
        {hindered && <Notice>{t(`notify.pushObstacle.${hindered}`)}</Notice>}
        {problem && <p role="alert">{problem}</p>}
        {add.error && <p role="alert">{text(add.error)}</p>}
        <div className={layout.tools}>
          <Button
            look="primary"
            disabled={hindered !== null}
            isBusy={add.isPending}
            onClick={() => void subscribeHere()}
          >
            {t('notify.subscribe')}
          </Button>
          <Button
            disabled={mine.browsers.length === 0}
            isBusy={test.isPending}
            onClick={() => test.mutate('push')}
          >
            {t('notify.testPush')}
          </Button>
        </div>
        <TestAnswer test={test} />
      </div>
    </Panel>
  );
}

/** Which browser on which system, as far as it says so itself. */
function agentName(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(agent)?.[1]?.replace('Edg', 'Edge');
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  return [browser, system].filter(Boolean).join(' · ') || agent.slice(0, 40) || '?';
}
