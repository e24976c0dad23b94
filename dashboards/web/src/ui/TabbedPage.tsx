import { type ReactNode, Suspense } from 'react';
import { Waiting } from './Loaded';
import { PageHead } from './Panel';
import { useTitle } from './screen';
import { type Tab, Tabs } from './Tabs';

interface Props {
  title: string;
  tabs: readonly (Tab & { explain: string })[];
  /** The address of the tab on screen. */
  shown: string;
  /** What stands below the tabs; it may still have to be loaded. */
  children: ReactNode;
}

/** A page in parts, one at a time: which part it is stands in the address. */
export function TabbedPage({ title, tabs, shown, children }: Props) {
  const here = tabs.find((tab) => tab.to === shown);
  useTitle(here?.label ?? title);
  return (
    <>
      <PageHead title={title} under={here?.explain} />
      <Tabs name={title} tabs={tabs} shown={shown} />
      <Suspense fallback={<Waiting lines={8} />}>{children}</Suspense>
    </>
  );
}
