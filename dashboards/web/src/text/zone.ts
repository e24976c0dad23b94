import { createContext, useContext } from 'react';

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The site's time zone (IANA name); before login, and until a site is set up, the browser's. */
export const SiteZone = createContext(browserZone());

export function useSiteZone(): string {
  return useContext(SiteZone);
}
