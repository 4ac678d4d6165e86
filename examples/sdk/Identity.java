// AWS SDK for Java 2: modules sts and auth. The provider renews the credentials of the profile.
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;

public class Identity {
    public static void main(String[] args) {
        try (StsClient sts = StsClient.builder()
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(ProfileCredentialsProvider.create("admin"))
                .build()) {
            System.out.println(sts.getCallerIdentity().arn());
        }
    }
}
