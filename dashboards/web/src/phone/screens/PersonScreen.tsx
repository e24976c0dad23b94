import { type FormEvent, useState } from 'react';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { isPin, MOST_FAILURES, makePin, SHORTEST } from '../device/pin';
import { LoginScreen } from '../LoginScreen';
import { go } from '../route';
import { useStored } from '../store/db';
import { type KnownPerson, keep, kept, own } from '../store/kept';
import { sync } from '../sync/engine';
import { useText } from '../text/phrases';
import { type Person, takeOver, useWho, type Who } from '../who';

/** Log in again, set a PIN, or let another person take over this phone without signal. */
export function PersonScreen() {
  const t = useText();
  const who = useWho();
  const people = useStored(async () => (await kept('people')) ?? [], []);
  const lone = useStored(() => own('lone').then((one) => one ?? null), []);
  const [isLoggingIn, setLoggingIn] = useState(who?.needs_login ?? false);
  if (!who) return null;
  if (isLoggingIn)
    return (
      <LoginScreen
        name={who.needs_login ? who.person.name : ''}
        onLater={() => setLoggingIn(false)}
        onDone={() => {
          void sync();
          go('/', 'replace');
        }}
      />
    );
  if (!people) return <p aria-busy="true" />;
  const others = people.filter((one) => one.pin && one.id !== who.person.id);
  return (
    <>
      <h1>{t.person.title}</h1>
      <p>{t.person.explain}</p>
      {lone && (
        <p className="note" role="alert">
          {t.lone.stillRuns}
        </p>
      )}
      {!others.length && <p className="quiet">{t.person.none}</p>}
      {others.map((one) => (
        <TakeOver key={one.id} person={one} people={people} />
      ))}
      <Button look="primary" isLarge onClick={() => setLoggingIn(true)}>
        {t.person.other}
      </Button>
      <SetPin who={who} people={people} />
    </>
  );
}

function TakeOver({ person, people }: { person: KnownPerson; people: KnownPerson[] }) {
  const t = useText();
  const [pin, setPin] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const isLocked = (person.pin?.failures ?? 0) >= MOST_FAILURES;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!person.pin || isLocked) return;
    setBusy(true);
    const isRight = await isPin(pin, person.pin);
    setBusy(false);
    setWrong(!isRight);
    await keepPin(people, person, { ...person.pin, failures: isRight ? 0 : person.pin.failures + 1 });
    if (!isRight) return;
    takeOver(bare(person));
    go('/', 'replace');
  };
  return (
    <form className="card" onSubmit={(event) => void submit(event)}>
      <h2>{person.display_name}</h2>
      {isLocked && <p role="alert">{t.person.locked}</p>}
      {isWrong && !isLocked && <p role="alert">{t.person.wrong}</p>}
      <PinField value={pin} onChange={setPin} />
      <Button type="submit" isLarge isBusy={isBusy} disabled={isLocked || pin.length < SHORTEST}>
        {t.person.takeOver}
      </Button>
    </form>
  );
}

function SetPin({ who, people }: { who: Who; people: KnownPerson[] }) {
  const t = useText();
  const [pin, setPin] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (pin.length < SHORTEST) return;
    await keepPin(people, who.person, await makePin(pin));
    setPin('');
    tell(t.person.saved);
  };
  return (
    <form className="card" onSubmit={(event) => void submit(event)}>
      <h2>{t.person.setPin}</h2>
      <p className="quiet">{t.person.setPinWhat}</p>
      <PinField value={pin} onChange={setPin} />
      <Button type="submit" isLarge disabled={pin.length < SHORTEST}>
        {t.person.setPin}
      </Button>
    </form>
  );
}

function PinField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useText();
  return (
    <Field
      label={t.person.pin}
      type="password"
      inputMode="numeric"
      autoComplete="off"
      maxLength={20}
      value={value}
      onChange={(event) => onChange(event.target.value.replace(/\D/g, ''))}
    />
  );
}

function bare({ id, name, display_name, role }: Person): Person {
  return { id, name, display_name, role };
}

async function keepPin(people: KnownPerson[], person: Person, pin: KnownPerson['pin']): Promise<void> {
  await keep('people', [...people.filter((one) => one.id !== person.id), { ...bare(person), pin }]);
}
