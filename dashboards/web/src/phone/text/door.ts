import { useLanguage } from './language';

/** What is said before the log-in. Apart from the rest, so that a first visit on a slow network waits for less. */
const en = {
  theme: { light: 'Light', dark: 'Dark' },
  login: {
    title: 'Plantroom patrol',
    claim: 'Log in once; after that it works without signal.',
    again: 'Your session has ended. Everything recorded is kept on this phone and is sent after you log in.',
    tapKept: 'The tag you tapped is kept. It is recorded when you have logged in.',
    name: 'Login name',
    password: 'Password',
    logIn: 'Log in',
    later: 'Go on without; log in later',
    wrong: 'Name or password is not right.',
    unreachable:
      'No connection to the server. The first log-in on a phone needs signal; then a shift works without.',
  },
  https: {
    title: 'This address is not secure',
    why: 'Over plain http a browser gives no camera, no place and no storage for work without signal, so rounds cannot be recorded here.',
    what: 'Open the address that begins with https. If there is none yet, ask the administrator to set one up.',
  },
  failure: {
    unexpected: 'Something went wrong. What you recorded is kept on this phone.',
    server: (status: number) => `The server could not answer (error ${status}). Try again.`,
    tooMany: (seconds: number) => `Too many attempts. Try again in ${seconds} s.`,
  },
};

const zh: typeof en = {
  theme: { light: '浅色', dark: '深色' },
  login: {
    title: 'Plantroom 巡检',
    claim: '登录一次，之后无信号也能使用。',
    again: '登录已失效。所有记录都保存在本机，重新登录后自动上传。',
    tapKept: '刚才碰触的标签已保存，登录后自动记录。',
    name: '登录名',
    password: '密码',
    logIn: '登录',
    later: '先继续，稍后登录',
    wrong: '登录名或密码不正确。',
    unreachable: '无法连接服务器。本机首次登录需要信号，之后整班都可离线使用。',
  },
  https: {
    title: '此地址不安全',
    why: '使用普通 http 时，浏览器不允许使用摄像头、定位和离线存储，无法在此记录巡检。',
    what: '请打开以 https 开头的地址；如还没有，请联系管理员设置。',
  },
  failure: {
    unexpected: '出现问题。您的记录都保存在本机。',
    server: (status) => `服务器暂时无法响应（错误 ${status}），请重试。`,
    tooMany: (seconds) => `尝试次数过多，请 ${seconds} 秒后再试。`,
  },
};

export function useDoorText(): typeof en {
  return useLanguage() === 'zh' ? zh : en;
}
