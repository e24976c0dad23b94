import type { Words } from '../words';
import type en from './en';

const zh: Words<typeof en> = {
  overview: {
    bySeverity: '各级未关闭告警',
    wrongNow: '当前异常（{{count}}）',
    beingDone: '处理中（{{count}}）',
    allAlarms: '全部告警',
    allTickets: '全部工单',
    allNormal: '一切正常',
    allNormalHint: '规则一旦发现异常，告警会自动出现在这里。',
    noTickets: '没有未关闭的工单',
    noTicketsHint: '告警会自动生成工单；也可在设备页面报修。',
    figures: '关键指标',
    lastHour: '近 1 小时',
    elsewhere: '其他位置',
    normal: '正常',
    unknown: '状态未知',
    moreAssets: '此处显示 {{shown}} / {{total}} 台。查看全部：',
  },
  guide: {
    title: '五分钟上手',
    again: '显示引导',
    putAway: '收起引导',
    step: {
      watch: '观察',
      acknowledge: '确认告警',
      take: '接单',
      prove: '等传感器验证',
      done: '凭据关单',
    },
    quiet: '目前一切正常。演示环境三分钟内会出现故障，请留意下方数值。',
    leaving: '{{asset}}的{{point}}正在偏离正常范围。尚未告警：需持续一段时间。',
    openAsset: '去看看',
    acknowledge: '出现告警：{{asset}}，{{rule}}。请确认：确认只表示“我已知晓”。',
    openAlarm: '打开告警',
    take: '告警已生成工单 {{ticket}}，无论反复多少次都只有这一张。请接单。',
    prove: '工单 {{ticket}} 处理中。试着关闭它：传感器恢复正常的时间不够，系统会拒绝。',
    done: '工单 {{ticket}} 已关闭。历史记录写明了谁做了什么、传感器数据如何。',
    openTicket: '打开工单',
  },
};

export default zh;
