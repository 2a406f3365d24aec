import { bytes, count, share } from '../../lib/format'
import { Bar } from '../../ui/bits'
import { KeyName } from '../../ui/names'
import { dimensionName, formatOf, metricName, type Dimension, type Line, type Metric } from './explore'
import { TableScroll } from '../../ui/TableScroll'

interface GroupTableProps {
  lines: Line[]
  by: Dimension
  metric: Metric
  nameOf: (group: string) => string
  colorOf: (index: number) => string | undefined
}

/** The same figures as the chart, to read and to copy: what each group comes to over the whole range. */
export function GroupTable({ lines, by, metric, nameOf, colorOf }: GroupTableProps) {
  const most = Math.max(...lines.map((line) => line.requests))
  const format = formatOf(metric)
  return (
    <TableScroll label="Figures by group">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{by === '' ? 'Everything' : dimensionName[by]}</th>
            <th scope="col" className="num">{`${metricName[metric]}, last`}</th>
            <th scope="col" className="num">
              highest
            </th>
            <th scope="col" className="num">
              Requests
            </th>
            <th scope="col" className="wide-only">
              <span className="visually-hidden">Of the busiest</span>
            </th>
            <th scope="col" className="num">
              Limited
            </th>
            <th scope="col" className="num">
              Errors
            </th>
            <th scope="col" className="num">
              Tokens
            </th>
            <th scope="col" className="num">
              Sent
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, i) => {
            const known = line.values.filter((value) => value !== null)
            const color = colorOf(i)
            return (
              <tr key={line.group}>
                <td className="clip">
                  <span className="row">
                    <i className="swatch" style={color === undefined ? {} : { background: `var(${color})` }} />
                    {by === 'key' && line.group !== 'other' ? <KeyName id={line.group} /> : nameOf(line.group)}
                  </span>
                </td>
                <td className="num">{known.length === 0 ? '–' : format(known.at(-1) ?? 0)}</td>
                <td className="num">{known.length === 0 ? '–' : format(Math.max(...known))}</td>
                <td className="num">{count(line.requests)}</td>
                <td className="wide-only">
                  <Bar part={line.requests} of={most} />
                </td>
                <td className="num" title={count(line.rateLimited)}>
                  {share(line.rateLimited, line.requests)}
                </td>
                <td className="num" title={count(line.errors)}>
                  {share(line.errors, line.requests)}
                </td>
                <td className="num">{count(line.cost)}</td>
                <td className="num">{bytes(line.bytesOut)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </TableScroll>
  )
}
