// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.awt.Dimension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;
import org.w3c.dom.Document;

/**
 * Draws one bar chart per question: subjects side by side, a bar for each number of threads.
 *
 * <p>Subjects differ by factors of a hundred, so the scale is logarithmic. XChart has no such axis for bars; they are
 * drawn as logarithms over a power of ten below the least figure, and the axis is labelled with the figures themselves.
 */
final class Charts {
    private static final int HEIGHT = 420;
    private static final int WIDTH_PER_SUBJECT = 120;
    private static final double HEADROOM = 0.3; // the shortest bar is to be seen

    private Charts() {}

    static String fileName(Question question) {
        return question.library() + "-" + question.id() + ".svg";
    }

    /** Draws the last of the question's parameter sets, which by convention is the largest. */
    static void write(Question question, List<Row> rows, Path folder) {
        Map<String, String> params = rows.get(rows.size() - 1).params();
        List<Row> drawn =
                rows.stream().filter(row -> row.params().equals(params)).toList();
        List<String> subjects = drawn.stream().map(Row::subject).distinct().toList();
        CategoryChart chart = new CategoryChartBuilder()
                .width(160 + WIDTH_PER_SUBJECT * subjects.size())
                .height(HEIGHT)
                .title(question.title() + (params.isEmpty() ? "" : ", " + Trial.text(params)))
                .xAxisTitle("")
                .yAxisTitle("ns per operation and thread (logarithmic)")
                .build();
        double[] figures = drawn.stream()
                .mapToDouble(row -> row.figure(question.waits()))
                .filter(figure -> figure > 0)
                .toArray();
        double base = Math.floor(Math.log10(Samples.quantile(figures, 0)) - HEADROOM);
        double top = Math.ceil(Math.log10(Samples.maximum(figures)));
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setYAxisMax(top - base);
        chart.getStyler().setYAxisTickMarkSpacingHint(HEIGHT / (int) (top - base + 1));
        chart.getStyler().setYAxisTickLabelsFormattingFunction(value -> label(base + value));
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        for (int threads : drawn.stream().map(Row::threads).distinct().sorted().toList()) {
            List<Double> values = new ArrayList<>();
            for (String subject : subjects) {
                values.add(drawn.stream()
                        .filter(row -> row.subject().equals(subject) && row.threads() == threads)
                        .findFirst()
                        .map(row -> Math.log10(row.figure(question.waits())) - base)
                        .orElse(Double.NaN));
            }
            chart.addSeries(threads == 1 ? "1 thread" : threads + " threads", subjects, values);
        }
        SVGGraphics2D graphics = new SVGGraphics2D(document());
        graphics.setSVGCanvasSize(new Dimension(chart.getWidth(), chart.getHeight()));
        chart.paint(graphics, chart.getWidth(), chart.getHeight());
        try (Writer out = Files.newBufferedWriter(folder.resolve(fileName(question)), StandardCharsets.UTF_8)) {
            graphics.stream(out, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whole powers of ten only; what XChart puts in between has no label. */
    private static String label(double exponent) {
        double rounded = Math.rint(exponent);
        return Math.abs(exponent - rounded) > 0.01
                ? ""
                : BigDecimal.ONE.scaleByPowerOfTen((int) rounded).toPlainString();
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
}
