// Says of an ontology in files of N-Triples: its profiles, and whether reasoners find it consistent and its classes satisfiable. One line each.
// Called as: java -cp 'jars/*' Reasoner.java profile|hermit|openllet ... -- FILE ...

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.semanticweb.HermiT.Configuration;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.formats.TurtleDocumentFormat;
import org.semanticweb.owlapi.io.FileDocumentSource;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.model.OWLOntologyManager;
import org.semanticweb.owlapi.profiles.OWL2DLProfile;
import org.semanticweb.owlapi.profiles.OWL2RLProfile;
import org.semanticweb.owlapi.profiles.OWLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileReport;
import org.semanticweb.owlapi.reasoner.OWLReasoner;

public class Reasoner {
    public static void main(String[] words) throws Exception {
        List<String> asked = new ArrayList<>();
        OWLOntologyManager manager = OWLManager.createOWLOntologyManager();
        OWLOntology all = manager.createOntology();
        boolean files = false;
        for (String word : words) {
            if (word.equals("--")) {
                files = true;
            } else if (!files) {
                asked.add(word);
            } else {
                OWLOntology read = OWLManager.createOWLOntologyManager()
                    .loadOntologyFromOntologyDocument(new FileDocumentSource(new File(word), new TurtleDocumentFormat()));
                manager.addAxioms(all, read.axioms());
            }
        }
        for (String one : asked) {
            if (one.equals("profile")) {
                profile("DL", new OWL2DLProfile(), all);
                profile("RL", new OWL2RLProfile(), all);
            } else if (one.equals("openllet")) {
                judge(one, openllet.owlapi.OpenlletReasonerFactory.getInstance().createNonBufferingReasoner(all));
            } else {
                // Days are in no datatype map of OWL 2: "hermit" refuses them, "hermit-with-days" takes them as values that it knows nothing of.
                Configuration how = new Configuration();
                how.ignoreUnsupportedDatatypes = one.equals("hermit-with-days");
                judge(one, new org.semanticweb.HermiT.Reasoner(how, all));
            }
        }
    }

    static void profile(String name, OWLProfile profile, OWLOntology ontology) {
        OWLProfileReport report = profile.checkOntology(ontology);
        System.out.println(name + (report.isInProfile() ? " holds" : " is broken"));
        report.getViolations().stream().limit(5).forEach(v -> System.out.println(name + ": " + v));
    }

    static void judge(String name, OWLReasoner reasoner) {
        boolean consistent = reasoner.isConsistent();
        System.out.println(name + (consistent ? " finds it consistent" : " finds it inconsistent"));
        if (consistent) {
            reasoner.getUnsatisfiableClasses().entities().filter(c -> !c.isOWLNothing())
                .forEach(c -> System.out.println(name + ": " + c.getIRI() + " can have no member"));
        }
    }
}
