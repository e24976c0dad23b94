import type { Words } from '../words';
import type en from './en';

const zh: Words<typeof en> = {
  health: {
    title: '告警健康度',
    explain: '告警是否够少、够准，让人能逐条处理。目标值为通行做法。',
    range: '时间范围',
    days: { d1: '24小时', d7: '7天', d30: '30天', d365: '1年' },
    site: '站点',
    allSites: '全部站点',
    operators: '值班人数',
    operatorCount_one: '{{count}} 名值班员',
    operatorCount_other: '{{count}} 名值班员',
    perTen: '每人每10分钟告警数',
    peak: '最多的10分钟',
    inFlood: '告警泛滥时间占比',
    answer: '确认用时（中位数）',
    inTime: '{{time}}内确认的比例',
    nine: '九成在{{time}}内',
    announced: '发出的告警',
    quiet: '另有 {{count}} 条被搁置或抑制',
    atMost: '目标：不超过 {{value}}',
    below: '目标：低于 {{value}}',
    missed: '未达标',
    rate: '每人每10分钟告警数',
    ratePeak: '每人告警数（各时段内最多的10分钟）',
    chart: '告警随时间的柱状图；最多的10分钟有 {{peak}} 条，共 {{count}} 条',
    legend: '虚线：{{most}} 条为可应付的上限，{{flood}} 条起为告警泛滥。',
    priorities: '级别分布',
    mix: '竖线为通行目标：低80%，中15%，高与紧急合计5%。',
    frequent: '最频繁的告警',
    chattering: '抖动（一分钟内三次）',
    floods: '告警泛滥：{{count}} 次',
    noFloods: '没有告警泛滥。',
    flood: '{{minutes}} 分钟内 {{count}} 条，10分钟最多 {{peak}} 条',
    stale: '持续超过24小时：{{count}} 条',
    nothing: '无。',
  },
};

export default zh;
