import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import type { Condition } from './parts';
import { DAYS, type Day, fullWindow, runsOf, type Window, windowsOf } from './windows';

/** Times of the week in words: "Mon to Fri 22:00 – 06:00 next day, only on days off". */
export function useWindowWords() {
  const { t } = useTranslation();
  const { list } = useFormat();
  const day = (one: Day) => t(`rules.day.${one}`);
  const days = (all: Day[]) =>
    all.length === DAYS.length
      ? t('rules.say.everyDay')
      : list(
          runsOf(all).map(([first, last]) =>
            first === last ? day(first) : t('rules.say.through', { first: day(first), last: day(last) }),
          ),
        );
  const one = (window: Window) => {
    const { days: all, start, end } = fullWindow(window);
    const words = { days: days(all), start, end };
    if (start === '00:00' && end === '24:00') return t('rules.say.allDay', words);
    return t(end > start ? 'rules.say.window' : 'rules.say.windowOver', words);
  };
  return ({ windows, calendar }: Condition) => {
    const when = windowsOf(windows).map(one).join(t('rules.say.or'));
    const isAny = calendar !== 'work' && calendar !== 'off';
    return isAny ? when : `${when}${t(`rules.say.only_${calendar as 'work' | 'off'}`)}`;
  };
}
