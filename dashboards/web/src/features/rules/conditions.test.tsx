// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Point } from '@/nouns/assets/queries';
import { ConditionFields } from './ConditionFields';
import { begun, type Condition, FORMS } from './parts';
import { useSentence } from './useSentence';

const known = (key: string, en: string, zh: string, more: object = {}) =>
  ({ key, name: { en, zh }, kind: 'analog', unit: '°C', states: null, bits: null, ...more }) as Point;
const points = [
  known('supply', 'Supply', '供水'),
  known('return', 'Return', '回水'),
  known('test', 'Pump test', '泵试验', {
    kind: 'state',
    unit: null,
    states: { 0: { en: 'idle', zh: '空闲' }, 1: { en: 'done', zh: '完成' } },
  }),
  known('visits', 'Visits', '保养次数', { kind: 'counter', unit: null }),
];

let written: Condition;

function Both({ first }: { first: Condition }) {
  const [condition, setCondition] = useState(first);
  const say = useSentence(points);
  written = condition;
  return (
    <>
      <p data-testid="said">{say(condition)}</p>
      <ConditionFields condition={condition} points={points} onChange={setCondition} />
    </>
  );
}

const show = (first: Condition) => render(<Both first={first} />);
const put = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const said = () => screen.getByTestId('said').textContent;

/** The sentence in English and in Chinese. */
async function sentences(): Promise<(string | null)[]> {
  const english = said();
  await act(() => i18next.changeLanguage('zh'));
  const chinese = await screen.findByTestId('said').then((one) => one.textContent);
  await act(() => i18next.changeLanguage('en'));
  return [english, chinese];
}

afterEach(async () => {
  if (i18next.language !== 'en') await act(() => i18next.changeLanguage('en'));
});

describe('a condition written in the form reads as a sentence', () => {
  it('when it is a rate', async () => {
    show(begun('rate', points));
    put('It', 'low');
    put('How fast (°C per minute)', '5');
    put('Per', 'hour');
    put('Within (s)', '1800');
    expect(written).toEqual({ type: 'rate', point: 'supply', low: -5, per: 'hour', over_s: 1800 });
    expect(await sentences()).toEqual([
      'Supply falls faster than 5 °C per hour, measured over 30 min',
      '供水下降快于每小时 5 °C（按 30分钟计算）',
    ]);
  });

  it('when it is a deviation, from a value and from a point', async () => {
    show(begun('deviation', points));
    put('It is', 'low');
    put('By how much (°C)', '3');
    put('Set value (°C)', '18');
    expect(written).toEqual({ type: 'deviation', point: 'supply', low: -3, reference: 18 });
    expect(said()).toBe('Supply is below 18 °C by more than 3 °C');
    put('Against', 'return');
    put('It is', 'more_than');
    put('Measured', 'true');
    expect(written).toEqual({
      type: 'deviation',
      point: 'supply',
      more_than: 3,
      reference: 'return',
      percent: true,
    });
    expect(await sentences()).toEqual([
      'Supply differs from Return by more than 3 %',
      '供水与回水相差超过 3 %',
    ]);
  });

  it('when it is a drift that counts only while something runs', async () => {
    show(begun('drift', points));
    expect(written).toMatchObject({ point: 'supply', against: 'return' });
    put('The point counts', 'while');
    expect(written.during).toEqual({ type: 'state', point: 'test', any_of: [1] });
    expect(await sentences()).toEqual([
      'Supply and Return differ by more than 10 % on average over 1 d (Supply counts only while Pump test is done)',
      '供水与回水在 1天内的平均值相差超过 10 %（仅当泵试验为完成时计入供水）',
    ]);
    put('The point counts', 'always');
    expect(written).not.toHaveProperty('during');
  });

  it('when something expected is missing', async () => {
    show(begun('expected', points));
    put('Point', 'test');
    put('Grace (h)', '12');
    expect(written).toEqual({ type: 'expected', point: 'test', any_of: [1], every_days: 7, grace_hours: 12 });
    expect(await sentences()).toEqual([
      'Pump test has not become done again within 7 d and 12 h of grace',
      '泵试验超过 7天（另加宽限 12小时）未再次变为完成',
    ]);
    put('Point', 'visits');
    put('Due again after', 'every_hours');
    put('How many', '36');
    expect(written).toEqual({ type: 'expected', point: 'visits', every_hours: 36, grace_hours: 12 });
    expect(said()).toContain('Visits has not counted up again within 1 d 12 h');
  });

  it('when it is a time of the week', async () => {
    show(begun('schedule', points));
    fireEvent.click(screen.getByLabelText('Fri'));
    put('From', '22:00');
    put('To', '06:00');
    put('On which days of the site', 'off');
    expect(written).toEqual({
      type: 'schedule',
      windows: [{ days: ['mon', 'tue', 'wed', 'thu'], start: '22:00', end: '06:00' }],
      calendar: 'off',
    });
    expect(await sentences()).toEqual([
      'it is Mon to Thu 22:00 – 06:00 next day, on days off only',
      '时间为周一至周四 22:00 – 次日 06:00，仅限休息日',
    ]);
    put('To', '00:00');
    expect(written.windows).toMatchObject([{ end: '24:00' }]);
  });
});

it('keeps the field of a size that is being typed again', () => {
  show({ type: 'rate', point: 'supply', high: null, low: -2, per: 'minute', over_s: 600 });
  put('How fast (°C per minute)', '');
  expect(written.low).toBeNull();
  expect((screen.getByLabelText('It') as HTMLSelectElement).value).toBe('low');
});

it('has a form for every type that can be begun', () => {
  for (const type of Object.keys(FORMS)) {
    show(begun(type, points));
    expect(screen.queryByLabelText('Condition as JSON')).toBeNull();
    expect(said()).not.toContain('rules.');
    cleanup();
  }
});

it('reads a condition of a type that this version does not know', async () => {
  show({ type: 'of_tomorrow', point: 'supply' });
  expect(await sentences()).toEqual(['of_tomorrow Supply', 'of_tomorrow 供水']);
  expect(screen.getByLabelText('Condition as JSON')).toBeTruthy();
});
