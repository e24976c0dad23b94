import ConfigProvider from 'antd/es/config-provider';
import enGB from 'antd/es/locale/en_GB';
import zhCN from 'antd/es/locale/zh_CN';
import theme from 'antd/es/theme';
import type { ReactNode } from 'react';
import { useFormat } from '@/text/format';
import { useColours } from '../chart/colours';
import { useTheme } from '../theme';

/** antd in our colours and language; loaded with the first desk component that uses it, not on phones. */
export function Desk({ children }: { children: ReactNode }) {
  const { language } = useFormat();
  const isDark = useTheme() === 'dark';
  const colours = useColours();
  return (
    <ConfigProvider
      locale={language === 'zh' ? zhCN : enGB}
      theme={{
        algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          colorPrimary: colours.accent,
          colorLink: colours.accent,
          colorText: colours.text,
          colorTextSecondary: colours['text-2'],
          colorTextDescription: colours['text-2'],
          colorBgContainer: colours.surface,
          colorBgElevated: colours.surface,
          colorBorder: colours['line-strong'],
          colorBorderSecondary: colours.line,
          colorTextPlaceholder: colours['text-2'],
          borderRadius: 7,
          fontFamily: colours.font,
          motion: false,
        },
        components: {
          Table: { headerBg: 'transparent', headerSplitColor: 'transparent', headerColor: colours['text-2'] },
        },
      }}
    >
      {children}
    </ConfigProvider>
  );
}
