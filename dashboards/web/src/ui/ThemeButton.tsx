import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { Icon } from './icons';
import { setTheme, useTheme } from './theme';

export function ThemeButton({ hasWord }: { hasWord?: boolean }) {
  const { t } = useTranslation();
  const next = useTheme() === 'dark' ? 'light' : 'dark';
  const word = t(`theme.${next}`);
  return (
    <Button look="quiet" onClick={() => setTheme(next)} aria-label={word} title={word}>
      <Icon name={next === 'dark' ? 'moon' : 'sun'} />
      {hasWord && word}
    </Button>
  );
}
