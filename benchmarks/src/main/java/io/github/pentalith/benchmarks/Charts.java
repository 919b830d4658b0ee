// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.awt.Dimension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
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

/** Draws one bar chart per question: subjects side by side, a bar for each number of threads. */
final class Charts {
    private static final int HEIGHT = 420;
    private static final int WIDTH_PER_SUBJECT = 120;

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
                .yAxisTitle("ns per operation and thread")
                .build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNW);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        for (int threads : drawn.stream().map(Row::threads).distinct().sorted().toList()) {
            List<Double> values = new ArrayList<>();
            for (String subject : subjects) {
                values.add(drawn.stream()
                        .filter(row -> row.subject().equals(subject) && row.threads() == threads)
                        .findFirst()
                        .map(row -> row.figure(question.waits()))
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
