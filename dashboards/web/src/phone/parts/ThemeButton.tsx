import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { setTheme, useTheme } from '@/ui/theme';
import { useDoorText } from '../text/door';

export function ThemeButton() {
  const t = useDoorText();
  const next = useTheme() === 'dark' ? 'light' : 'dark';
  return (
    <Button look="quiet" isLarge onClick={() => setTheme(next)} aria-label={t.theme[next]}>
      <Icon name={next === 'dark' ? 'moon' : 'sun'} />
    </Button>
  );
}
