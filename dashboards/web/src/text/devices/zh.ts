import type { Words } from '../words';
import type en from './en';

const zh: Words<typeof en> = {
  device: {
    state: { online: '在线', offline: '离线', silent: '无数据', never: '从未上报' },
    since: '已持续{{age}}',
    lastMessage: '{{age}}前有数据',
    which: '状态',
    all: '全部',
    noneSo: '没有处于该状态的终端',
    means: {
      online: '数据按预期间隔上报。',
      offline: '终端已主动下线，或连接中断后由遗嘱消息报告离线，此后再无数据。',
      silent: '终端未报告下线，但已超过三个上报周期没有任何数据。',
      never: '从未收到该终端的数据。请检查设备号、消息服务器登录和主题。',
    },
    now: '状态',
    noName: '未命名',
    allDevices: '全部终端',
    sends: '上报内容',
    sendsNothing: '尚无测点来自该终端',
    login: '消息服务器登录',
    from: '数据来源',
    fromNowhere: '没有测点，也没有终端',
  },
};

export default zh;
