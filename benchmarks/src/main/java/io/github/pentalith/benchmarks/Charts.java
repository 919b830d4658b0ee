// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.Paint;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;
import org.w3c.dom.Document;

/**
 * Draws one bar chart per question: subjects below each other, the fastest at the top, a bar for each number of threads,
 * ours in blue. The scale is logarithmic, since subjects differ by factors of a hundred. Text stays text; a white ground
 * makes it readable on a dark page, too.
 */
final class Charts {
    private static final int WIDTH = 760;
    private static final int FRAME = 136;
    private static final int BAR = 17;
    private static final int GAP = 12;
    private static final double HEADROOM = 0.25; // decades: the shortest bar is to be seen
    private static final double LABEL_ROOM = 0.12; // of the axis, for the figure of the longest bar

    private static final Color INK = new Color(0x1f2328);
    private static final Color GRID = new Color(0xd8dee4);
    private static final List<Color> OURS = List.of(new Color(0x0b5cad), new Color(0x7fb2e5));
    private static final List<Color> THEIRS = List.of(new Color(0x5b6470), new Color(0xb4bcc6));

    private Charts() {}

    static String fileName(Question question) {
        String prefix = question.library() + "-";
        return (question.id().startsWith(prefix) ? "" : prefix) + question.id() + ".svg";
    }

    /** Draws the set of parameters that most subjects answer, of those the last, which by convention is the largest. */
    static void write(Question question, List<Row> rows, Path folder) {
        Map<String, String> params = mostAnswered(rows);
        DefaultCategoryDataset figures = new DefaultCategoryDataset();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        List<Row> shown = rows.stream()
                .filter(row -> row.params().equals(params) && row.figure(question.waits()) > 0)
                .sorted(Comparator.comparingInt(Row::threads).thenComparingDouble(row -> row.figure(question.waits())))
                .toList();
        for (Row row : shown) {
            double figure = row.figure(question.waits());
            figures.addValue(figure, Integer.valueOf(row.threads()), row.subject());
            least = Math.min(least, figure);
            most = Math.max(most, figure);
        }
        double lower = Math.pow(10, Math.floor(Math.log10(least) - HEADROOM));
        double upper = most * Math.pow(most / lower, LABEL_ROOM);
        String title = question.title() + (params.isEmpty() ? "" : ", " + Trial.text(params));
        JFreeChart chart = chart(title, plot(figures, question.waits(), lower, upper));
        int height = FRAME + figures.getColumnCount() * (GAP + BAR * figures.getRowCount());
        write(chart, height, folder.resolve(fileName(question)));
    }

    private static Map<String, String> mostAnswered(List<Row> rows) {
        Map<String, String> best = Map.of();
        long most = 0;
        for (Row row : rows) {
            long count = rows.stream()
                    .filter(other -> other.params().equals(row.params()))
                    .count();
            if (count >= most) {
                most = count;
                best = row.params();
            }
        }
        return best;
    }

    private static CategoryPlot plot(DefaultCategoryDataset figures, boolean waits, double lower, double upper) {
        CategoryAxis subjects = new CategoryAxis();
        subjects.setCategoryMargin(0.25);
        subjects.setLowerMargin(0.02);
        subjects.setUpperMargin(0.02);
        subjects.setTickLabelPaint(INK);
        subjects.setMaximumCategoryLabelWidthRatio(0.5f);
        subjects.setTickLabelFont(font(Font.PLAIN, 12));
        subjects.setAxisLineVisible(false);
        subjects.setTickMarksVisible(false);
        for (Object key : figures.getColumnKeys()) {
            if (Run.isOurs((String) key)) {
                subjects.setTickLabelFont((String) key, font(Font.BOLD, 12));
            }
        }

        LogAxis nanos = new LogAxis(
                waits
                        ? "nanoseconds per operation, waiting included (logarithmic)"
                        : "nanoseconds per operation (logarithmic): CPU time of 1 thread, wall time of 2");
        nanos.setRange(lower, upper);
        nanos.setSmallestValue(lower);
        nanos.setTickUnit(new NumberTickUnit(1)); // a line for each power of ten; the bars say their figures
        nanos.setNumberFormatOverride(new Figures());
        nanos.setTickLabelPaint(INK);
        nanos.setTickLabelFont(font(Font.PLAIN, 11));
        nanos.setTickMarksVisible(false);
        nanos.setMinorTickMarksVisible(false);
        nanos.setAxisLineVisible(false);
        nanos.setLabelPaint(INK);
        nanos.setLabelFont(font(Font.PLAIN, 11));

        CategoryPlot plot = new CategoryPlot(figures, subjects, nanos, new Bars(lower));
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setRangeGridlinePaint(GRID);
        plot.setRangeGridlineStroke(new java.awt.BasicStroke(1));
        plot.setFixedLegendItems(legend(figures));
        plot.setInsets(new RectangleInsets(4, 8, 4, 16));
        return plot;
    }

    private static LegendItemCollection legend(DefaultCategoryDataset figures) {
        LegendItemCollection items = new LegendItemCollection();
        for (boolean ours : new boolean[] {true, false}) {
            if (figures.getColumnKeys().stream().anyMatch(key -> Run.isOurs((String) key) == ours)) {
                for (int row = 0; row < figures.getRowCount(); row++) {
                    int threads = (Integer) figures.getRowKey(row);
                    LegendItem item = new LegendItem(
                            (ours ? "ours, " : "others, ") + threads + (threads == 1 ? " thread" : " threads"),
                            null,
                            null,
                            null,
                            new Rectangle(10, 10),
                            color(ours, row));
                    item.setLabelPaint(INK);
                    item.setLabelFont(font(Font.PLAIN, 11));
                    items.add(item);
                }
            }
        }
        return items;
    }

    private static Color color(boolean ours, int row) {
        return (ours ? OURS : THEIRS).get(Math.min(row, OURS.size() - 1));
    }

    private static JFreeChart chart(String title, CategoryPlot plot) {
        JFreeChart chart = new JFreeChart(null, null, plot, true);
        TextTitle heading = new TextTitle(title, font(Font.BOLD, 14));
        heading.setPaint(INK);
        heading.setPadding(8, 8, 4, 8);
        chart.setTitle(heading);
        chart.setBackgroundPaint(Color.WHITE);
        chart.getLegend().setPosition(RectangleEdge.TOP);
        chart.getLegend().setFrame(org.jfree.chart.block.BlockBorder.NONE);
        chart.getLegend().setBackgroundPaint(Color.WHITE);
        return chart;
    }

    private static Font font(int style, int size) {
        return new Font(Font.SANS_SERIF, style, size);
    }

    private static void write(JFreeChart chart, int height, Path file) {
        SVGGraphics2D graphics = new SVGGraphics2D(document());
        graphics.setSVGCanvasSize(new Dimension(WIDTH, height));
        chart.draw(graphics, new Rectangle(WIDTH, height));
        try (Writer out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            graphics.stream(out, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Document document() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Flat bars that begin at the left end of the axis, each with its figure. */
    private static final class Bars extends BarRenderer {
        private static final long serialVersionUID = 1;

        Bars(double base) {
            setBase(base);
            setIncludeBaseInRange(false);
            setBarPainter(new StandardBarPainter());
            setShadowVisible(false);
            setDrawBarOutline(false);
            setItemMargin(0.08);
            setDefaultItemLabelsVisible(true);
            setDefaultItemLabelPaint(INK);
            setDefaultItemLabelFont(font(Font.PLAIN, 11));
            setDefaultPositiveItemLabelPosition(
                    new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
            setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", new Figures()));
        }

        @Override
        public Paint getItemPaint(int row, int column) {
            return color(Run.isOurs((String) getPlot().getDataset().getColumnKey(column)), row);
        }
    }

    /** Three significant digits, thousands set apart. */
    private static final class Figures extends NumberFormat {
        private static final long serialVersionUID = 1;

        @Override
        public StringBuffer format(double value, StringBuffer text, FieldPosition position) {
            BigDecimal rounded = BigDecimal.valueOf(value).round(new MathContext(3));
            String plain = rounded.stripTrailingZeros().toPlainString();
            return text.append(
                    value < 1_000 ? plain : String.format(java.util.Locale.ROOT, "%,d", rounded.longValue()));
        }

        @Override
        public StringBuffer format(long value, StringBuffer text, FieldPosition position) {
            return format((double) value, text, position);
        }

        @Override
        public Number parse(String text, ParsePosition position) {
            throw new UnsupportedOperationException();
        }
    }
}
