import { useState } from 'react';
import { Button } from '@/ui/Button';
import { LanguageButton } from '../parts/LanguageButton';
import { ThemeButton } from '../parts/ThemeButton';
import { Warnings } from '../parts/Warnings';
import { follow } from '../route';
import { ask } from '../server';
import { APP_VERSION } from '../store/log';
import { useText } from '../text/phrases';
import { leave, useWho } from '../who';

/** Everything that is not needed with every round. */
export function MoreScreen() {
  const t = useText();
  const who = useWho();
  const link = (path: string, word: string) => (
    <a {...follow(path)} className="pressable">
      {word}
    </a>
  );
  return (
    <>
      <h1>{t.more.title}</h1>
      <p>
        {t.more.person} <span className="value">{who?.person.display_name}</span>
      </p>
      {link('/handover', t.handover.title)}
      {link('/alone', t.lone.title)}
      {link('/contest', t.contest.title)}
      {link('/mine', t.mine.title)}
      {link('/unsent', t.send.title)}
      {link('/person', t.more.change)}
      <Warnings />
      <div className="row">
        <LanguageButton />
        <ThemeButton />
      </div>
      <a className="pressable" href="/">
        {t.more.desk}
      </a>
      <LogOut />
      <p className="quiet small">
        {t.more.version} {APP_VERSION}
      </p>
    </>
  );
}

function LogOut() {
  const t = useText();
  const [isAsking, setAsking] = useState(false);
  const end = async () => {
    // Without signal the session on the server simply runs out.
    await ask('/api/v1/session', { method: 'DELETE' }).catch(() => undefined);
    leave();
  };
  if (!isAsking)
    return (
      <Button isLarge onClick={() => setAsking(true)}>
        {t.more.logOut}
      </Button>
    );
  return (
    <div className="note stack">
      <p>{t.more.logOutAsk}</p>
      <Button isLarge onClick={() => void end()}>
        {t.more.logOut}
      </Button>
    </div>
  );
}
